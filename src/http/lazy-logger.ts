import type { FastifyBaseLogger } from 'fastify';

const METHODS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

class LazyLogger {
  level: string;
  readonly #make: () => FastifyBaseLogger;
  #made: FastifyBaseLogger | null = null;
  declare fatal: FastifyBaseLogger['fatal'];
  declare error: FastifyBaseLogger['error'];
  declare warn: FastifyBaseLogger['warn'];
  declare info: FastifyBaseLogger['info'];
  declare debug: FastifyBaseLogger['debug'];
  declare trace: FastifyBaseLogger['trace'];
  declare silent: FastifyBaseLogger['silent'];

  constructor(make: () => FastifyBaseLogger, level: string) {
    this.#make = make;
    this.level = level;
  }

  get logger(): FastifyBaseLogger {
    this.#made ??= this.#make();
    return this.#made;
  }

  child(...args: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.logger.child(...args);
  }

  static {
    for (const method of METHODS) {
      this.prototype[method] = function (this: LazyLogger, ...args: unknown[]): void {
        const { logger } = this;
        Reflect.apply(logger[method], logger, args);
      };
    }
  }
}

/**
 * A logger that is made when something is first written to it: to make one takes pino longer than to write a line, and
 * most requests write none of their own.
 * @param level of the one that will be made
 */
export const lazyLogger = (make: () => FastifyBaseLogger, level: string): FastifyBaseLogger =>
  new LazyLogger(make, level);
