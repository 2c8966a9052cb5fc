import { en } from './en.ts';

/** Every word that the page says, by the room that says it. Another language is another object of the same shape. */
export const text = en;
