declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** In memory unless a path is given; the times are those that a change of a table takes. */
  export default function dynalite(options?: {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
}
