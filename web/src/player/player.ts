import { leaveSession } from '../api/left-session.ts';
import { messageOf } from '../api/problem.ts';
import { currentUserId } from '../api/session.ts';
import type { Plan, PlayMode } from '../api/types.ts';
import { movedTo, type Place } from './changed-plan.ts';
import { Deck, type DeckState } from './deck.ts';
import { findChapters } from './file-chapters.ts';
import { recallLast, rememberLast } from './last-played.ts';
import { partAt, partsOfFile, partsOfPlan, shownAt, type Part } from './parts.ts';
import { PlanWatch } from './plan-watch.ts';
import { soundOf } from './player-sound.ts';
import { SILENT, isLive, type PlayableFile, type PlayerSource } from './player-state.ts';
import { fileOf, type PlayerState, type SleepChoice } from './player-state.ts';
import { findPosition, PositionKeeper, whereIn } from './position-keeper.ts';
import { PlayerTaste } from './player-taste.ts';
import { SleepTimer } from './sleep-timer.ts';
import { isEndless } from '../api/play-mode.ts';
import { findPlan, isOrderOfBefore, rememberOrder } from './stream-order.ts';
import { wordsOf } from './trouble-words.ts';

/** Later than this, "previous" is the beginning of what plays. */
const AGAIN_S = 5;

/** The one player of the page. It outlives every view; views read it with `usePlayer`. */
class Player {
  readonly #deck = new Deck({ onChange: (state) => this.#follow(state), onEnd: () => this.#wake() });
  readonly #taste = new PlayerTaste(this.#deck.audio);
  readonly #timer = new SleepTimer();
  readonly #keeper = new PositionKeeper(() => (this.#isLoaded ? whereIn(this.#state) : null));
  readonly #plans = new PlanWatch({
    getState: () => this.#state,
    onEdit: (plan) => this.#goOnIn(plan),
    onLonger: (plan) => this.#showPlan(plan),
  });
  #state: PlayerState = { ...SILENT, rate: this.#taste.rate, volume: this.#taste.volume };
  readonly #listeners = new Set<() => void>();
  /** Counts what was chosen: an answer to what was chosen before comes too late. */
  #choice = 0;
  #isLoaded = false;
  /** Where somebody chose to begin, as long as nothing is loaded that could be sought in. */
  #fromS: number | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getState = (): PlayerState => this.#state;

  get audio(): HTMLAudioElement {
    return this.#deck.audio;
  }

  /** @param fromS without it, it goes on where the user stopped it */
  async playFile(file: PlayableFile, fromS?: number): Promise<void> {
    const { filename: name, title, cover_url: coverUrl, duration: durationS } = file;
    const { source } = this.#state;
    if (fromS !== undefined && this.#isLoaded && source?.kind === 'file' && source.name === name) {
      this.seek(fromS);
      this.resume();
      return;
    }
    const choice = this.#begin({ kind: 'file', name, title, coverUrl }, durationS, partsOfFile(file), fromS);
    const keptS = fromS === undefined ? await findPosition({ kind: 'file', name }, durationS) : null;
    if (choice !== this.#choice) return;
    this.#loadWhereChosen(keptS);
    const chapters = await findChapters(name);
    if (choice !== this.#choice) return;
    this.#change(shownAt(partsOfFile(file, chapters), this.#state.positionS));
  }

  /** @param fromS as `playFile` has it; counts in the order in which it is heard */
  async playStream(
    stream: { name: string; title?: string; playMode: PlayMode },
    fromS?: number,
  ): Promise<void> {
    const { name, playMode } = stream;
    const title = stream.title === undefined || stream.title === '' ? name : stream.title;
    const source = { kind: 'stream', name, title, playMode } as const;
    const choice = this.#begin(source, isEndless(playMode) ? Infinity : 0, [], fromS);
    this.#plans.follow(name);
    try {
      const plan = await findPlan(name, playMode, fromS);
      const durationS = isEndless(playMode) ? Infinity : plan.duration;
      const mayGoOn = fromS === undefined && isOrderOfBefore(plan);
      const keptS = mayGoOn ? await findPosition({ kind: 'stream', name }, durationS) : null;
      if (choice !== this.#choice) return;
      rememberOrder(plan);
      this.#change({ durationS });
      this.#showPlan(plan);
      this.#loadWhereChosen(keptS);
    } catch (error) {
      if (choice === this.#choice) this.#change({ isWaiting: false, problem: messageOf(error) });
    }
  }

  /** Shows what this device played last; it is asked for when somebody presses play. */
  recall(): void {
    const last = this.#state.source === null ? recallLast(currentUserId()) : null;
    if (last !== null) this.#change(last);
  }

  /** Also after an end, and after what could not be played. */
  resume(): void {
    const { source, positionS, durationS } = this.#state;
    if (source === null) return;
    if (!this.#isLoaded) void this.#playAgain(source, durationS);
    else if (this.audio.ended) this.#load(positionS >= durationS - 1 ? 0 : positionS, true);
    else this.#deck.play();
  }

  pause(): void {
    this.#deck.pause();
  }

  toggle(): void {
    if (this.#state.isPlaying) this.pause();
    else this.resume();
  }

  seek(toS: number): void {
    const chosenS = this.#plans.secondInEdited(toS);
    this.#takeEdited();
    const { positionS, durationS, parts } = this.#state;
    const atS = Math.max(0, Math.min(chosenS, durationS));
    this.#timer.jump(atS - positionS, parts[partAt(parts, atS)]);
    this.#change({ ...this.#timer.state, wentOnAtS: null });
    if (this.#isLoaded) return this.#deck.seek(atS);
    // How long a stream is may not be known yet.
    if (durationS === 0) return;
    this.#fromS = atS;
    this.#change({ positionS: atS });
  }

  /** 15 seconds back, 30 ahead; what has no end is skipped by its tracks alone. */
  skipBy(byS: number): void {
    if (!isLive(this.#state)) this.seek(this.#state.positionS + byS);
  }

  skipToPart(index: number): void {
    const part = this.#state.parts[index];
    if (part === undefined) return;
    this.seek(part.startS);
    if (!this.#state.isPlaying) this.resume();
  }

  next(): void {
    const isThere = this.#takeEdited()?.isThere ?? true;
    this.skipToPart(this.#state.partIndex + (isThere ? 1 : 0));
  }

  previous(): void {
    this.#takeEdited();
    const { part, partIndex, positionS } = this.#state;
    const isWellIn = part !== null && positionS > part.startS + AGAIN_S;
    this.skipToPart(isWellIn ? partIndex : Math.max(0, partIndex - 1));
  }

  setRate(rate: number): void {
    this.#taste.setRate(rate);
    this.#change({ rate });
  }

  setVolume(volume: number): void {
    this.#taste.setVolume(volume);
    this.#change({ volume });
  }

  /** The server ends a stream, with a fade, whatever becomes of the page; the page itself ends a file. */
  setSleep(sleep: SleepChoice | null): void {
    const { source, positionS, isPlaying, part } = this.#state;
    this.#timer.set(sleep, positionS, part);
    this.#taste.fade(1);
    this.#change(this.#timer.state);
    if (source?.kind === 'stream' && this.#isLoaded) this.#load(positionS, isPlaying);
  }

  stop(): void {
    rememberLast(null, undefined);
    this.leave();
  }

  /** Stops as well, and is remembered. */
  leave(): void {
    this.#keeper.follow(false);
    this.#plans.follow(null);
    this.#choice += 1;
    this.#isLoaded = false;
    this.#fromS = undefined;
    this.#deck.eject();
    this.#wake();
    this.#change(SILENT);
  }

  #begin(source: PlayerSource, durationS: number, parts: readonly Part[], fromS?: number): number {
    this.leave();
    this.#fromS = fromS;
    const positionS = fromS ?? 0;
    this.#change({ ...SILENT, source, durationS, isWaiting: true, positionS, ...shownAt(parts, positionS) });
    return this.#choice;
  }

  async #playAgain(source: PlayerSource, duration: number): Promise<void> {
    const { sleep } = this.#state;
    const played =
      source.kind === 'stream'
        ? this.playStream(source, this.#fromS)
        : this.playFile(fileOf(source, duration), this.#fromS);
    const choice = this.#choice;
    await played;
    // Chosen before there was anything that it could end.
    if (sleep !== null && choice === this.#choice) this.setSleep(sleep);
  }

  /** @param keptS where the user stopped it; what was chosen meanwhile comes first */
  #loadWhereChosen(keptS: number | null): void {
    const fromS = this.#fromS;
    this.#load(fromS ?? keptS ?? 0, true);
    if (fromS === undefined) this.#change({ wentOnAtS: keptS });
  }

  #load(atS: number, plays: boolean): void {
    const fromS = this.#takeEdited()?.atS ?? atS;
    const { source, durationS } = this.#state;
    if (source !== null) rememberLast({ source, durationS }, currentUserId());
    this.#isLoaded = true;
    this.#taste.apply({ isLive: isLive(this.#state) });
    const sound = soundOf(this.#state, (atS) => this.#timer.forServer(atS));
    this.#deck.load(sound, fromS, { plays });
  }

  /** Somebody has edited what plays. */
  #goOnIn(plan: Plan): void {
    const { isPlaying } = this.#state;
    const hasEnded = this.audio.ended;
    const { atS, isOver } = this.#take(plan);
    // What is at its end begins anew, unless more comes now.
    this.#load(hasEnded && atS >= plan.duration - 1 ? 0 : atS, isPlaying && !isOver);
  }

  /** Where what has no end is loaded anew, it is loaded as it was edited. @returns null where it was not */
  #takeEdited(): Place | null {
    const { edited } = this.#plans;
    this.#plans.edited = null;
    return edited && this.#take(edited);
  }

  #loadEdited(): void {
    if (this.#plans.edited !== null) this.#load(this.#state.positionS, true);
  }

  #take(plan: Plan): Place {
    const { place, state } = movedTo(plan, this.#state);
    this.#timer.jump(place.atS - this.#state.positionS, state.part);
    this.#change({ ...state, ...this.#timer.state });
    this.#keeper.save();
    return place;
  }

  #follow({ isPlaying, isWaiting, positionS, trouble, isTrying }: DeckState): void {
    if (this.#state.source === null) return;
    const { parts, source, sleep } = this.#state;
    const problem = trouble === null ? null : wordsOf(trouble, isTrying);
    if (trouble?.status === 401 && problem !== this.#state.problem) leaveSession();
    const sleepEndS = source.kind === 'stream' && sleep !== null ? this.#deck.endS : this.#state.sleepEndS;
    this.#change({ isPlaying, isWaiting, positionS, ...shownAt(parts, positionS), problem, sleepEndS });
    this.#keeper.follow(isPlaying && !isWaiting);
    if (source.kind === 'file') this.#sleepByPage();
    else void this.#plans.lookAhead();
    // The deck, which tries again, is in the midst of it.
    if (isTrying) queueMicrotask(() => this.#loadEdited());
  }

  #sleepByPage(): void {
    const { positionS } = this.#state;
    this.#taste.fade(this.#timer.shareAt(positionS));
    if (!this.#timer.isOver(positionS)) return;
    // Before the pause, which is followed as well.
    this.#timer.set(null);
    this.pause();
    this.#wake();
  }

  #wake(): void {
    this.#timer.set(null);
    this.#taste.fade(1);
    this.#change(this.#timer.state);
  }

  #showPlan(plan: Plan): void {
    this.#change({ plan, ...shownAt(partsOfPlan(plan), this.#state.positionS) });
  }

  #change(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export const player = new Player();
