/** How long a worker that died keeps what it was at; renewed at a third of it while the work goes on. */
export const LEASE_MS = 10_000;
