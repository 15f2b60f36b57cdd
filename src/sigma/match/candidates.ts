/** Up to so many are sorted by insertion, which needs no call. */
const FEW = 16;

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
    const { rules, count } = this;
    if (count > FEW) {
      rules.subarray(0, count).sort();
      return;
    }
    for (let at = 1; at < count; at++) {
      const rule = rules[at] ?? 0;
      let to = at;
      for (; to > 0 && (rules[to - 1] ?? 0) > rule; to--) rules[to] = rules[to - 1] ?? 0;
      rules[to] = rule;
    }
  }

  has(rule: number): boolean {
    return this.#seen[rule] === this.#epoch;
  }

  add(rule: number): void {
    if (this.#seen[rule] === this.#epoch) return;
    this.#seen[rule] = this.#epoch;
    this.rules[this.count++] = rule;
  }
}
