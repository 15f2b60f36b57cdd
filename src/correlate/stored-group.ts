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
  const added = new Map<string, Sample>();
  for (const sample of missingIn(before, after)) added.set(placeOf(sample), sample);
  const dropped = before === undefined ? [] : missingIn(after, before).map(placeOf);
  return { added, dropped: dropped.filter((place) => !added.has(place)) };
}

/** Samples of `group` that `other` has not. */
function missingIn(other: Group | undefined, group: Group): readonly Sample[] {
  const missing: Sample[] = [];
  for (const [tenant, { samples }] of Object.entries(group.parts)) {
    const known = other?.parts[tenant]?.samples;
    for (const sample of samples) if (known?.includes(sample) !== true) missing.push(sample);
  }
  return missing;
}

/** With a part of its hash: a topic that was made anew has the same offsets again. */
const placeOf = ({ topic, partition, offset, sha256 }: Sample): string =>
  `${topic}/${partition}/${offset}/${sha256.slice(0, 8)}`;
