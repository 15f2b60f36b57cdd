import { type Rule } from '../sigma/index.js';

/** Room that is there before each line: more than a line's number takes. */
const NUMBER_ROOM = 64;

const HEAD = Buffer.from('{"line":');

/** Gathers the lines of `match` as bytes: most of each is the same for every match of a rule. */
export class MatchOutput {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #used = 0;
  readonly #tails = new Map<Rule, Buffer>();

  /** The rule matched the event on this line. */
  match(line: number, rule: Rule): void {
    let tail = this.#tails.get(rule);
    if (tail === undefined) {
      tail = Buffer.from(`,"rule":${JSON.stringify(rule.id)}}\n`);
      this.#tails.set(rule, tail);
    }
    this.#reserve(NUMBER_ROOM + tail.length);
    this.#used += HEAD.copy(this.#bytes, this.#used);
    this.#number(line);
    this.#used += tail.copy(this.#bytes, this.#used);
  }

  push(text: string): void {
    this.#reserve(text.length * 3);
    this.#used += this.#bytes.write(text, this.#used);
  }

  /** What was gathered since it was taken last. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
    return bytes;
  }

  #number(value: number): void {
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    let rest = value;
    for (let at = this.#used + digits - 1; at >= this.#used; at--) {
      const tenth = Math.floor(rest / 10);
      this.#bytes[at] = 0x30 + rest - tenth * 10;
      rest = tenth;
    }
    this.#used += digits;
  }

  #reserve(size: number): void {
    if (this.#used + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#used + size));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}
