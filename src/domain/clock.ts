/** The time in milliseconds since the epoch. An argument, so that tests decide it. */
export type Clock = () => number;

/** A new identifier that nobody can guess: 128 random bits or more, in letters, digits, `-` and `_`. */
export type NewId = () => string;
