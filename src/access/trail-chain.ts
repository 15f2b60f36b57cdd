import { createHash } from 'node:crypto';

/** A trail row with every value as the database writes it as text, so that its hash does not depend on a driver. */
export interface TrailRow {
  readonly id: string;
  /** UTC, with microseconds. */
  readonly at: string;
  readonly actorKind: string;
  readonly actorId: string;
  readonly actorIp: string | null;
  readonly action: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly tenant: string | null;
  readonly before: string | null;
  readonly after: string | null;
}

export interface Seal {
  readonly seq: number;
  readonly entryId: string;
  readonly entryHash: string;
  readonly chainHash: string;
}

/** What the first seal is chained to. */
export const GENESIS = sha256('silowatch trail v1');

export function entryHash(row: TrailRow): string {
  const { id, at, actorKind, actorId, actorIp, action, objectType, objectId, tenant, before, after } = row;
  // A JSON array: values cannot run into each other.
  return sha256(
    JSON.stringify([id, at, actorKind, actorId, actorIp, action, objectType, objectId, tenant, before, after]),
  );
}

export function nextSeal(previous: Pick<Seal, 'seq' | 'chainHash'>, row: TrailRow): Seal {
  const seq = previous.seq + 1;
  const hash = entryHash(row);
  return {
    seq,
    entryId: row.id,
    entryHash: hash,
    chainHash: sha256(`${previous.chainHash}\n${seq}\n${row.id}\n${hash}`),
  };
}

/** The chain's state that is signed and kept outside the database. */
export interface Head {
  readonly seq: number;
  readonly chainHash: string;
  readonly at: string;
}

/** The bytes that the signature of a head covers. */
export const headMessage = (head: Head): string => `silowatch trail head\n${head.seq}\n${head.chainHash}\n${head.at}`;

/** Why `seal` with `row` does not continue `previous`, in one sentence; undefined when it does. */
export function linkFault(
  previous: Pick<Seal, 'seq' | 'chainHash'>,
  seal: Seal,
  row: TrailRow | undefined,
): string | undefined {
  if (seal.seq !== previous.seq + 1) return `seal ${previous.seq + 1} is missing`;
  if (row === undefined) return `seal ${seal.seq}: its entry ${seal.entryId} is missing`;
  const expected = nextSeal(previous, row);
  if (expected.entryHash !== seal.entryHash) return `seal ${seal.seq}: entry ${seal.entryId} was changed`;
  return expected.chainHash === seal.chainHash ? undefined : `seal ${seal.seq}: the chain is broken here`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
