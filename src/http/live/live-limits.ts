/** Bounds of what a client that stays connected may hold and do, and of how long it is waited for. */
export interface LiveLimits {
  /** WebSockets and streams of events of the process together. */
  readonly connections: number;
  readonly connectionsPerUser: number;
  readonly subscriptionsPerConnection: number;
  /** Messages that a client may send at once; as many again are refused before the connection is closed. */
  readonly messageBurst: number;
  /** Messages that it may send for long. */
  readonly messagesPerSecond: number;
  /** How often a WebSocket is pinged, and everybody's session or key looked up again. */
  readonly pingMs: number;
  /** A WebSocket that was not heard of for so long is dropped. */
  readonly silenceMs: number;
  /** How often, at most, a connection's record is told that its client was heard of. */
  readonly keepMs: number;
  /** How often a stream of events has a comment, so that nothing between here and there takes it for dead. */
  readonly commentMs: number;
  /** For so long a look at a session or key is good for the messages of a WebSocket. */
  readonly callerMs: number;
  /** What waits for a client; beyond, of each request the latest state is kept. */
  readonly bufferedBytes: number;
  /** A client that does not take what waits for it within this time is cut off. */
  readonly stallMs: number;
  /** Within which a client answers that the connection is being closed, when the server stops too. */
  readonly closeMs: number;
}

export const DEFAULT_LIVE_LIMITS: LiveLimits = {
  connections: 20_000,
  connectionsPerUser: 100,
  subscriptionsPerConnection: 1000,
  messageBurst: 250,
  messagesPerSecond: 50,
  pingMs: 30_000,
  silenceMs: 10 * 60_000,
  keepMs: 5 * 60_000,
  commentMs: 15_000,
  callerMs: 3000,
  bufferedBytes: 256 * 1024,
  stallMs: 30_000,
  closeMs: 3000,
};
