import { keys } from '../api/keys.ts';
import { Problem } from '../api/problem.ts';
import { queryClient } from '../api/query-client.ts';
import type { Plan, Queue } from '../api/types.ts';
import { isSameSound, placeIn } from './changed-plan.ts';
import { mayPass } from './playback-trouble.ts';
import { isLive, type PlayerState } from './player-state.ts';
import { findPlan, isNearlyHeard } from './stream-order.ts';

/** Who drags one track and then another is heard once. */
const SETTLED_MS = 1_000;
const AGAIN_MS = 3_000;

interface Followed {
  getState(): PlayerState;
  /** What plays has been edited. */
  onEdit(plan: Plan): void;
  /** The same as before, and more of it. */
  onLonger(plan: Plan): void;
}

/** Asks for the plan of the stream that plays again: when its queue is edited, and before the end of what is known. */
export class PlanWatch {
  readonly #followed: Followed;
  #name: string | null = null;
  /** Of the queue that the plan was made of, as far as this page knows it. */
  #revision: Queue['revision'] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asksAhead = false;
  /** Of what has no end: a connection keeps the plan that it began with, so this is that of the next. */
  edited: Plan | null = null;

  constructor(followed: Followed) {
    this.#followed = followed;
    queryClient.getQueryCache().subscribe(() => this.#notice());
  }

  /** @param name of the stream whose plan is about to be asked for; null for what is none */
  follow(name: string | null): void {
    clearTimeout(this.#timer);
    this.#name = name;
    this.#revision = name === null ? undefined : revisionOf(name);
    this.edited = null;
  }

  /** Where what plays at a second comes when what has no end is loaded anew. */
  secondInEdited(atS: number): number {
    const { plan } = this.#followed.getState();
    return plan === null || this.edited === null ? atS : placeIn(this.edited, plan, atS).atS;
  }

  /** What an endless stream plays is known for some hours. */
  async lookAhead(): Promise<void> {
    const { plan, source, positionS } = this.#followed.getState();
    if (source?.kind !== 'stream' || plan === null || !isLive(this.#followed.getState())) return;
    if (this.#asksAhead || this.edited !== null || !isNearlyHeard(plan, positionS)) return;
    this.#asksAhead = true;
    try {
      const longer = await findPlan(source.name, source.playMode, positionS, plan.seed);
      if (this.#followed.getState().plan === plan) this.#followed.onLonger(longer);
    } catch (error) {
      // It plays on; the next second asks again.
      if (!(error instanceof Problem)) throw error;
    } finally {
      this.#asksAhead = false;
    }
  }

  #notice(): void {
    const revision = this.#name === null ? undefined : revisionOf(this.#name);
    if (revision === undefined || revision === this.#revision) return;
    this.#revision = revision;
    this.#lookIn(SETTLED_MS);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    const { source, plan, positionS } = this.#followed.getState();
    if (source?.kind !== 'stream' || source.name !== this.#name) return;
    if (plan === null) return this.#lookIn(SETTLED_MS);
    const revision = this.#revision;
    try {
      const now = await findPlan(source.name, source.playMode, positionS, plan.seed);
      const state = this.#followed.getState();
      // Something else was chosen, or a newer edit is looked at by and by.
      if (state.source !== source || revision !== this.#revision) return;
      if (state.plan !== plan) return this.#lookIn(SETTLED_MS);
      const isSame = isSameSound(plan, now);
      if (isLive(state)) this.edited = isSame ? null : now;
      else if (!isSame) this.#followed.onEdit(now);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Of an emptied stream, say, what has come already is heard to its end.
      if (mayPass(error) && this.#followed.getState().source === source) this.#lookIn(AGAIN_MS);
    }
  }
}

const revisionOf = (name: string): Queue['revision'] | undefined =>
  queryClient.getQueryData<Queue>(keys.queue(name))?.revision;
