import { textOf, type JsonObject } from './read-json.js';

/** A record of AWS CloudTrail, as it lies in `Records` of its files (CloudTrail record contents). */
export function isCloudTrail(record: JsonObject): boolean {
  return 'eventSource' in record && 'eventName' in record && 'eventVersion' in record;
}

/** Its own members, and the caller's address under the name that the other formats use. */
export function cloudTrailFields(record: JsonObject): JsonObject {
  const address = textOf(record['sourceIPAddress']);
  return address === undefined || 'src_ip' in record ? record : { ...record, src_ip: address };
}
