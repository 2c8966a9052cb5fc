/** Keeps the first and the last half of what is appended to it, within a bound. */
export class BoundedText {
  readonly #halfCharacters: number;
  #head = '';
  #tail = '';
  #droppedCharacters = 0;

  constructor(maxCharacters: number) {
    this.#halfCharacters = Math.floor(maxCharacters / 2);
  }

  append(text: string): void {
    const room = Math.max(0, this.#halfCharacters - this.#head.length);
    this.#head += text.slice(0, room);
    const tail = this.#tail + text.slice(room);
    const excess = Math.max(0, tail.length - this.#halfCharacters);
    this.#droppedCharacters += excess;
    this.#tail = tail.slice(excess);
  }

  get text(): string {
    const gap = this.#droppedCharacters === 0 ? '' : `\n[… ${this.#droppedCharacters} characters …]\n`;
    return `${this.#head}${gap}${this.#tail}`;
  }

  /** The newest of it. */
  get end(): string {
    return this.#droppedCharacters === 0 ? this.#head + this.#tail : this.#tail;
  }
}
