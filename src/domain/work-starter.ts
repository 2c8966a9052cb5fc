/** Where workers are not there all the time, but are started for each piece of work: what starts them for what is left. */
export interface WorkStarter {
  /**
   * Starts workers for requests of these actions that are due, and have been for some seconds: retries, and what a worker
   * has left behind that was killed, or had no room or time for it. @returns how many were started
   */
  startDue(actions: readonly string[]): Promise<number>;
}
