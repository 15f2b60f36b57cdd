import type { Sample } from '../detect/signal-message.js';
import type { Group, Part } from './group.js';

/** A group as its row has it: its evidence lies in rows of its own, and is named here in order. */
export interface StoredGroup extends Omit<Group, 'parts'> {
  readonly v: 2;
  readonly parts: Readonly<Record<string, StoredPart>>;
}

interface StoredPart extends Omit<Part, 'samples'> {
  readonly samples: readonly string[];
}

/** What to write of a group's evidence, and what to forget of it. */
export interface EvidenceChanges {
  readonly added: ReadonlyMap<string, Sample>;
  readonly dropped: readonly string[];
}

export function toStored(group: Group): StoredGroup {
  const parts = Object.entries(group.parts).map(([tenant, part]): [string, StoredPart] => [
    tenant,
    { ...part, samples: part.samples.map(placeOf) },
  ]);
  return { v: 2, ...group, parts: Object.fromEntries(parts) };
}

export function fromStored({ v: _, ...stored }: StoredGroup, evidence: Readonly<Record<string, Sample>>): Group {
  const parts = Object.entries(stored.parts).map(([tenant, part]): [string, Part] => [
    tenant,
    { ...part, samples: part.samples.flatMap((place) => evidence[place] ?? []) },
  ]);
  return { ...stored, parts: Object.fromEntries(parts) };
}

/** `before`: the group as it is stored; undefined where it is new. Samples that stay are the same objects, or at least the same places. */
export function evidenceChanges(before: Group | undefined, after: Group): EvidenceChanges {
  const [known, kept] = [samplesOf(before), samplesOf(after)];
  const added = new Map(kept.filter((one) => !known.includes(one)).map((sample) => [placeOf(sample), sample]));
  const dropped = known.filter((one) => !kept.includes(one)).map(placeOf);
  return { added, dropped: dropped.filter((place) => !added.has(place)) };
}

const samplesOf = (group: Group | undefined): readonly Sample[] =>
  Object.values(group?.parts ?? {}).flatMap(({ samples }) => samples);

/** With a part of its hash: a topic that was made anew has the same offsets again. */
const placeOf = ({ topic, partition, offset, sha256 }: Sample): string =>
  `${topic}/${partition}/${offset}/${sha256.slice(0, 8)}`;
