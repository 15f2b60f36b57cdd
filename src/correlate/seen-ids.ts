import { hash } from 'node:crypto';

/** Ids that are remembered at least, whatever the window counts to. */
const MIN_IDS = 2_048;
/** Of the hash, in base64url: 48 bits, so that one of some thousand is taken for another once in 10^11 times. */
const ID_LENGTH = 8;

/**
 * The audit records that a group has counted, to know a shipper's repeat. They are written with every batch of the group, so that each is short and
 * has no time of its own: a text holds the ids of a stretch, and only the latest two stretches are kept.
 */
export interface SeenIds {
  readonly ids: readonly string[];
  /** The latest event of the group when the last stretch began. */
  readonly idsSinceMs?: number;
}

/** How long, and how many at least, a group remembers. */
export interface Memory {
  readonly lastEventMs: number;
  readonly watermarkMs: number;
  /** How long what is counted stays in the window. */
  readonly lifeMs: number;
  /** As many signals as the window counts to. */
  readonly countsTo: number;
}

export const shortId = (text: string): string => hash('sha256', text, 'base64url').slice(0, ID_LENGTH);

export const hasSeen = ({ ids }: SeenIds, id: string): boolean => ids.some((stretch) => isIn(stretch, id));

function isIn(stretch: string, id: string): boolean {
  let at = stretch.indexOf(id);
  while (at > 0 && at % ID_LENGTH !== 0) at = stretch.indexOf(id, at + 1);
  return at >= 0;
}

/**
 * A stretch ends when it is full, or when nothing from before it can be counted any more. So ids are remembered for as long as their records are in
 * the window, but no more than twice as many as there have to be.
 */
export function withId({ ids, idsSinceMs }: SeenIds, id: string, memory: Memory): SeenIds {
  const { lastEventMs, watermarkMs, lifeMs, countsTo } = memory;
  const last = ids.at(-1) ?? '';
  const isFull = last.length >= ID_LENGTH * Math.max(MIN_IDS, countsTo);
  // The version before kept a text for each id, longer ones.
  if (idsSinceMs === undefined) return { ids: [...ids, id], idsSinceMs: lastEventMs };
  if (isFull || watermarkMs >= idsSinceMs + lifeMs) return { ids: [last, id], idsSinceMs: lastEventMs };
  return { ids: [...ids.slice(0, -1), last + id], idsSinceMs };
}
