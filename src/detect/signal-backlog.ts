/** So much of what one silo sent may wait to be counted, however slow the correlators are (messages). */
const LEAST_AHEAD = 50;
/** What waits in all is to be counted within this time. */
const AHEAD_SECONDS = 1;
/** Taken as the correlators' speed until it is known (messages a second). */
const FIRST_PER_SECOND = 1_000;
/** How fast an old speed is forgotten. */
const MEMORY_SECONDS = 5;
/** Nothing was counted for so long: nobody counts, and that is no silo's fault. */
const STALLED_MS = 30_000;
/** Messages that are kept track of; those beyond are sent all the same. */
const MOST_TRACKED = 100_000;

interface Sent {
  readonly tenant: string;
  readonly offset: number;
}

/**
 * Messages that this instance has sent to the correlators and that are not counted yet, by silo. All silos share the signals topic, in which
 * nobody overtakes: one whose records match faster than matches can be counted would make all others wait behind it. So each may have only so
 * many there; its other records wait in its own topic, where they hold up nobody.
 */
export class SignalBacklog {
  /** By signals partition, in order. */
  readonly #sent = new Map<number, Sent[]>();
  readonly #waiting = new Map<string, number>();
  #total = 0;
  #perSecond = FIRST_PER_SECOND;
  #lookedMs = 0;
  #movedMs = 0;

  get total(): number {
    return this.#total;
  }

  sent(tenant: string, partition: number, offset: number, nowMs: number): void {
    if (this.#total >= MOST_TRACKED) return;
    if (this.#total === 0) this.#lookedMs = this.#movedMs = nowMs;
    const others = this.#sent.get(partition);
    if (others === undefined) this.#sent.set(partition, [{ tenant, offset }]);
    else others.push({ tenant, offset });
    this.#add(tenant, 1);
  }

  /** The correlators have counted up to these positions, by signals partition. */
  countedTo(positions: ReadonlyMap<number, number>, nowMs: number): void {
    const before = this.#total;
    for (const [partition, sent] of this.#sent) {
      const position = positions.get(partition) ?? 0;
      const rest = sent.findIndex(({ offset }) => offset >= position);
      for (const { tenant } of sent.splice(0, rest === -1 ? sent.length : rest)) this.#add(tenant, -1);
    }
    const counted = before - this.#total;
    if (counted > 0) this.#movedMs = nowMs;
    this.#learn(counted, nowMs);
  }

  /** How many messages more the silo may send now; without end while nobody counts at all. */
  roomFor(tenant: string, nowMs: number): number {
    if (this.#total === 0 || nowMs - this.#movedMs > STALLED_MS) return Infinity;
    const waiting = this.#waiting.get(tenant) ?? 0;
    const silos = this.#waiting.size + (waiting === 0 ? 1 : 0);
    return Math.max(LEAST_AHEAD, (this.#perSecond * AHEAD_SECONDS) / silos) - waiting;
  }

  #add(tenant: string, count: number): void {
    this.#total += count;
    const waiting = (this.#waiting.get(tenant) ?? 0) + count;
    if (waiting === 0) this.#waiting.delete(tenant);
    else this.#waiting.set(tenant, waiting);
  }

  #learn(counted: number, nowMs: number): void {
    const seconds = (nowMs - this.#lookedMs) / 1_000;
    this.#lookedMs = nowMs;
    if (seconds <= 0) return;
    const learned = this.#perSecond + (counted / seconds - this.#perSecond) * Math.min(1, seconds / MEMORY_SECONDS);
    // Who has counted everything may be quicker than was sent.
    this.#perSecond = this.#total === 0 ? Math.max(this.#perSecond, learned) : learned;
  }
}
