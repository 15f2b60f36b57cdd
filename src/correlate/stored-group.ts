import type { Sample } from '../detect/signal-message.js';
import type { Group, Part } from './group.js';

/** A group as its row has it, beside the consumer: its evidence is named, in order, and lies in rows of its own. */
export interface StoredGroup extends Omit<Group, 'consumer' | 'parts'> {
  readonly v: 3;
  readonly parts: Readonly<Record<string, StoredPart>>;
}

interface StoredPart extends Omit<Part, 'samples'> {
  readonly samples: readonly NamedEvidence[];
}

type NamedEvidence = readonly [place: string, rule: string];

/** A record that groups of a partition hold, whichever rules it matched. */
export type Evidence = Omit<Sample, 'rule'>;

/** How many groups more (or fewer) name a record. */
export interface EvidenceUse {
  readonly partition: number;
  readonly place: string;
  readonly uses: number;
  readonly sample: Evidence;
}

interface GroupChange {
  readonly partition: number;
  /** As it is stored; undefined where it is new. */
  readonly before: Group | undefined;
  readonly group: Group | undefined;
}

export function toStored({ consumer: _, ...group }: Group): StoredGroup {
  const parts = Object.entries(group.parts).map(([tenant, part]): [string, StoredPart] => [
    tenant,
    { ...part, samples: part.samples.map((sample) => [placeOf(sample), sample.rule]) },
  ]);
  return { v: 3, ...group, parts: Object.fromEntries(parts) };
}

export function fromStored(
  consumer: string,
  { v: _, ...stored }: StoredGroup,
  evidence: ReadonlyMap<string, Evidence>,
): Group {
  const sampleOf = ([place, rule]: NamedEvidence): readonly Sample[] => {
    const found = evidence.get(place);
    return found === undefined ? [] : [{ ...found, rule }];
  };
  const parts = Object.entries(stored.parts).map(([tenant, part]): [string, Part] => [
    tenant,
    { ...part, samples: part.samples.flatMap(sampleOf) },
  ]);
  return { consumer, ...stored, parts: Object.fromEntries(parts) };
}

export const placesIn = ({ parts }: StoredGroup): readonly string[] =>
  Object.values(parts).flatMap(({ samples }) => samples.map(([place]) => place));

/** What all changes together make of the evidence; nothing for a record that as many groups name as before. */
export function evidenceUses(changes: readonly GroupChange[]): readonly EvidenceUse[] {
  const counted = new Map<string, EvidenceUse>();
  const count = (partition: number, sample: Sample, by: number): void => {
    const place = placeOf(sample);
    const key = `${partition} ${place}`;
    const known = counted.get(key);
    const uses = (known?.uses ?? 0) + by;
    if (known !== undefined && known.sample.raw.length >= sample.raw.length) {
      counted.set(key, { ...known, uses });
      return;
    }
    const { rule: _, ...record } = sample;
    counted.set(key, { partition, place, uses, sample: record });
  };
  for (const { partition, before, group } of changes) {
    for (const sample of missingIn(before, group)) count(partition, sample, 1);
    for (const sample of missingIn(group, before)) count(partition, sample, -1);
  }
  return [...counted.values()].filter(({ uses }) => uses !== 0);
}

/** Samples of `group` that are no samples of `other`: a sample that stays is the same object, or cancels itself out by its place. */
function missingIn(other: Group | undefined, group: Group | undefined): readonly Sample[] {
  const missing: Sample[] = [];
  for (const [tenant, { samples }] of Object.entries(group?.parts ?? {})) {
    const known = other?.parts[tenant]?.samples;
    for (const sample of samples) if (known?.includes(sample) !== true) missing.push(sample);
  }
  return missing;
}

/** With a part of its hash: a topic that was made anew has the same offsets again. */
const placeOf = ({ topic, partition, offset, sha256 }: Sample): string =>
  `${topic}/${partition}/${offset}/${sha256.slice(0, 8)}`;
