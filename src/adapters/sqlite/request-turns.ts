import type { Database, Row, Statement } from './database.ts';
import { number, text } from './row.ts';

/** A request that became claimable. */
export interface ReadyRequest {
  readonly userId: string;
  readonly action: string;
  readonly arrival: number;
}

/**
 * Whose turn it is: of the users who have requests of these actions waiting, the one served least recently. All methods
 * but `isAnyWaiting` write, or are of use only to one who is about to.
 */
export interface RequestTurns {
  /** Whether there may be something to claim. */
  isAnyWaiting(actions: readonly string[], nowMs: number): boolean;
  add(request: ReadyRequest): void;
  /** Makes ready what has become due, of all actions. */
  addDue(nowMs: number): void;
  /** The request that is next, a row of `requests`. */
  findNext(actions: readonly string[]): Row | undefined;
  /** Begins to count claims; `served` puts a user behind all others, `end` keeps the count. */
  begin(): { served(userId: string): void; end(): void };
}

/** That become due in one claim; more are left to the next. */
const MAX_DUE = 5000;

export function openRequestTurns(db: Database): RequestTurns {
  const findWaiting = db.prepare(
    'SELECT is_waiting FROM request_turns WHERE user_id = :user_id AND action = :action',
  );
  const wait = db.prepare(
    `INSERT INTO request_turns (user_id, action, served, since, is_waiting)
     VALUES (:user_id, :action, coalesce((SELECT max(served) FROM request_turns WHERE user_id = :user_id), 0), :since, 1)
     ON CONFLICT (user_id, action) DO UPDATE SET since = excluded.since, is_waiting = 1`,
  );
  const waitNoMore = db.prepare(
    'UPDATE request_turns SET is_waiting = 0 WHERE user_id = :user_id AND action = :action',
  );
  const serve = db.prepare('UPDATE request_turns SET served = :served WHERE user_id = :user_id');
  const findDue = db.prepare(
    'SELECT 1 AS due FROM requests WHERE is_ready = 0 AND claimable_at_ms <= :now LIMIT 1',
  );
  const makeReady = db.prepare(
    `UPDATE requests SET is_ready = 1 WHERE arrival IN (SELECT arrival FROM requests
       WHERE is_ready = 0 AND claimable_at_ms <= :now ORDER BY claimable_at_ms LIMIT ${MAX_DUE})
     RETURNING user_id, action, arrival`,
  );
  const readClaims = db.prepare('SELECT claims FROM request_claims WHERE id = 1');
  const saveClaims = db.prepare('UPDATE request_claims SET claims = :claims WHERE id = 1');
  /** By the number of actions that they are about: a worker asks for the same ones each time. */
  const lookUps = new Map<number, { nextUser: Statement; nextRequest: Statement }>();

  function lookUpsFor(actionCount: number): { nextUser: Statement; nextRequest: Statement } {
    const known = lookUps.get(actionCount);
    if (known !== undefined) return known;
    const each = (select: (action: string) => string): string =>
      Array.from({ length: actionCount }, (_, place) => `SELECT * FROM (${select(`:action_${place}`)})`).join(
        ' UNION ALL ',
      );
    const firstUser = each(
      (action) =>
        `SELECT user_id, served, since FROM request_turns WHERE is_waiting = 1 AND action = ${action}
         ORDER BY served, since LIMIT 1`,
    );
    const firstRequest = each(
      (action) =>
        `SELECT arrival FROM requests WHERE is_ready = 1 AND user_id = :user_id AND action = ${action}
         ORDER BY arrival LIMIT 1`,
    );
    const made = {
      nextUser: db.prepare(`SELECT user_id FROM (${firstUser}) ORDER BY served, since LIMIT 1`),
      nextRequest: db.prepare(
        `SELECT * FROM requests WHERE arrival = (SELECT min(arrival) FROM (${firstRequest}))`,
      ),
    };
    lookUps.set(actionCount, made);
    return made;
  }

  const add = ({ userId, action, arrival }: ReadyRequest): void => {
    const turn = { user_id: userId, action };
    const row = findWaiting.get(turn);
    if (row === undefined || number(row, 'is_waiting') === 0) wait.run({ ...turn, since: arrival });
  };

  return {
    isAnyWaiting(actions, nowMs) {
      const { nextUser } = lookUpsFor(actions.length);
      return nextUser.get(toParameters(actions)) !== undefined || findDue.get({ now: nowMs }) !== undefined;
    },

    add,

    addDue(nowMs) {
      if (findDue.get({ now: nowMs }) === undefined) return;
      for (const row of makeReady.all({ now: nowMs })) {
        add({ userId: text(row, 'user_id'), action: text(row, 'action'), arrival: number(row, 'arrival') });
      }
    },

    findNext(actions) {
      const { nextUser, nextRequest } = lookUpsFor(actions.length);
      const parameters = toParameters(actions);
      for (;;) {
        const user = nextUser.get(parameters);
        if (user === undefined) return undefined;
        const userId = text(user, 'user_id');
        const request = nextRequest.get({ ...parameters, user_id: userId });
        if (request !== undefined) return request;
        for (const action of actions) waitNoMore.run({ user_id: userId, action });
      }
    },

    begin() {
      const before = number(readClaims.get(), 'claims');
      let claims = before;
      return {
        served(userId) {
          claims += 1;
          serve.run({ user_id: userId, served: claims });
        },
        end() {
          if (claims > before) saveClaims.run({ claims });
        },
      };
    },
  };
}

const toParameters = (actions: readonly string[]): Record<string, string> =>
  Object.fromEntries(actions.map((action, place) => [`action_${place}`, action]));
