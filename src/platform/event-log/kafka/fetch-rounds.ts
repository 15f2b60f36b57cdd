/** Ends are noted so often at most. */
const NOTE_ENDS_EVERY_MS = 250;

interface Round {
  readonly startedMs: number;
  readonly notedMs: number;
  isAnswered: boolean;
}

/**
 * The last fetch from each broker. A fetch starts when all that the one before it brought is handled, and only then: a partition that it
 * brought nothing for had no more than is known of it when that one started.
 */
export class FetchRounds {
  readonly #rounds = new Map<string, Round>();

  answered(nodeId: string): void {
    const round = this.#rounds.get(nodeId);
    if (round !== undefined) round.isAnswered = true;
  }

  /** A fetch begins. Answers with the time up to which all of this broker's partitions are read, where it is time to note that. */
  started(nodeId: string, nowMs: number): number | undefined {
    const last = this.#rounds.get(nodeId);
    const readTo = last?.isAnswered === true && nowMs - last.notedMs >= NOTE_ENDS_EVERY_MS ? last.startedMs : undefined;
    const notedMs = readTo === undefined ? (last?.notedMs ?? 0) : nowMs;
    this.#rounds.set(nodeId, { startedMs: nowMs, notedMs, isAnswered: false });
    return readTo;
  }
}
