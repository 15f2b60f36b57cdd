import { MAX_RECORD_BYTES } from './parsed-record.js';

/** A line among others; without bytes when it was too long to be kept. */
interface Line {
  readonly bytes: Buffer | undefined;
}

interface Group {
  readonly at: number;
  readonly parts: Buffer[];
  sizeBytes: number;
}

/** The event that a line of auditd belongs to: its node, time and serial. */
const EVENT = /^(?:node=(\S{1,255}) )?type=[\w[\]]{1,64} msg=audit\((\d{1,12}\.\d{3}:\d{1,20})\):/;
/** Room for a record's envelope beside it. */
const MAX_JOINED_BYTES = MAX_RECORD_BYTES / 2;
/** Bytes that hold an event's name. */
const HEAD_BYTES = 384;

/**
 * Lines of one auditd event (same node, time and serial), which the kernel writes one after another and processors mix, put together into one
 * record at the place of the first, as far as they fit. Other lines stay as they are.
 */
export function joinAuditd<L extends Line>(lines: readonly L[]): L[] {
  const joined: L[] = [];
  const open = new Map<string, Group>();
  const groups: Group[] = [];
  for (const line of lines) {
    const { bytes } = line;
    const event = bytes === undefined ? undefined : auditdEvent(bytes);
    if (bytes !== undefined && event !== undefined) {
      const known = open.get(event);
      if (known !== undefined && known.sizeBytes + bytes.length < MAX_JOINED_BYTES) {
        known.parts.push(bytes);
        known.sizeBytes += bytes.length + 1;
        continue;
      }
      const group = { at: joined.length, parts: [bytes], sizeBytes: bytes.length };
      open.set(event, group);
      groups.push(group);
    }
    joined.push(line);
  }
  for (const { at, parts } of groups) {
    const first = joined[at];
    if (first !== undefined && parts.length > 1) joined[at] = { ...first, bytes: lined(parts) };
  }
  return joined;
}

/** Names the event that a line belongs to; undefined when it is none of auditd's. */
export function auditdEvent(bytes: Buffer): string | undefined {
  // Most lines of other logs are told by their first letter.
  if (bytes[0] !== 116 && bytes[0] !== 110) return undefined;
  const found = EVENT.exec(bytes.toString('latin1', 0, HEAD_BYTES));
  return found === null ? undefined : `${found[1] ?? ''} ${found[2] ?? ''}`;
}

const LINE_END = Buffer.from('\n');
const lined = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [LINE_END, part])));
