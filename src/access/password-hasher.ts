import bcrypt from 'bcrypt';
import { tooMany } from './access.errors.js';

const COST = 12;
/** Hashing keeps a thread of the pool busy for a quarter of a second: the rest of the service needs threads too. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 64;

/** bcrypt at cost 12, a few at a time: a flood of sign-ins waits or is turned away, and everything else goes on. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #decoy: Promise<string> | undefined;

  async hash(password: string): Promise<string> {
    return this.#inTurn(() => bcrypt.hash(password.normalize('NFKC'), COST));
  }

  /** Without a hash (no such account) it takes the same time and says no. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const text = password.normalize('NFKC');
    const decoy = await this.decoy();
    const isRight = await this.#inTurn(() => bcrypt.compare(text, hash ?? decoy));
    return isRight && hash !== undefined && Buffer.byteLength(text) <= 72;
  }

  /** Made at the start, so that the first unknown account does not take longer than the others. */
  async decoy(): Promise<string> {
    this.#decoy ??= bcrypt.hash('no account has this password', COST);
    return this.#decoy;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) throw tooMany(5);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
