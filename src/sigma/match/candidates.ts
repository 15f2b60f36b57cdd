/** The rules that an event could match, gathered without allocating: each once, in the order they are met. */
export class Candidates {
  readonly rules: Int32Array;
  count = 0;
  readonly #seen: Int32Array;
  #epoch = 0;

  constructor(size: number) {
    this.rules = new Int32Array(size);
    this.#seen = new Int32Array(size);
  }

  reset(): void {
    this.count = 0;
    this.#epoch = (this.#epoch + 1) | 0;
    // After 2^32 events the marks of long ago would count again.
    if (this.#epoch === 0) this.#seen.fill(-1);
  }

  /** Puts the rules into load order. */
  sort(): void {
    if (this.count > 1) this.rules.subarray(0, this.count).sort();
  }

  add(rule: number): void {
    if (this.#seen[rule] === this.#epoch) return;
    this.#seen[rule] = this.#epoch;
    this.rules[this.count++] = rule;
  }
}
