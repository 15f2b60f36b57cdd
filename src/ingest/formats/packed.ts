import { isCloudTrail } from './cloudtrail.js';
import { isKubernetesAudit } from './kubernetes-audit.js';
import type { FormatName } from './parsed-record.js';
import { isObject, type JsonObject } from './read-json.js';

/** A form in which several records travel as one JSON object. */
export interface Packing {
  /** What each of them is. */
  readonly format: FormatName;
  /** The member that is the list of them. */
  readonly member: string;
  /** Whether an object with such a list is one; its other members may be given as far as they are short. */
  readonly holds: (packed: JsonObject, records: Iterable<unknown>) => boolean;
}

export const PACKINGS: readonly Packing[] = [
  // CloudTrail's files ("CloudTrail log file examples"). Other services have lists of that name, which are theirs.
  { format: 'cloudtrail', member: 'Records', holds: (_packed, records) => hasCloudTrail(records) },
  // What the audit webhook of Kubernetes posts, and its `batch` mode writes (audit.k8s.io/v1, EventList).
  {
    format: 'kubernetes-audit',
    member: 'items',
    holds: (packed) => packed['kind'] === 'EventList' && isKubernetesAudit(packed),
  },
];

function hasCloudTrail(records: Iterable<unknown>): boolean {
  for (const record of records) if (isObject(record) && isCloudTrail(record)) return true;
  return false;
}

/** Whether a JSON object is several records, which as one no rule would see; not where it is said to be of another format than they are. */
export function isPacked(record: JsonObject, named: FormatName | undefined): boolean {
  return PACKINGS.some(({ format, member, holds }) => {
    if (named !== undefined && named !== format) return false;
    const records = record[member];
    return Array.isArray(records) && records.length > 0 && holds(record, records);
  });
}

/** What the lists of an object hold that would be records. */
export const packedIn = (record: JsonObject): JsonObject[] =>
  PACKINGS.flatMap(({ member }) => {
    const records = record[member];
    return Array.isArray(records) ? records.filter(isObject) : [];
  });

/** The CloudTrail record that an event of EventBridge is about ("AWS service events delivered via CloudTrail"); any other object itself. */
export function recordWithin(record: JsonObject): JsonObject {
  const { detail } = record;
  return 'detail-type' in record && isObject(detail) && isCloudTrail(detail) ? detail : record;
}
