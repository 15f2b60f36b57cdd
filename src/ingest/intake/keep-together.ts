import { SILO_RECORD_BYTES } from '../../platform/event-log/topics.js';
import { lineOfKept, TOGETHER_HEADER } from '../kept-together.js';
import { ENVELOPE_HEADER } from '../record-envelope.js';
import { Stretch } from './turns.js';

/** Records at fault of one body that travel one by one; each becomes a dead letter. */
export const MAX_SINGLE_FAULTS = 100;
/** Larger ones travel by themselves: a thousand of them fill a body. */
const MAX_LINE_BYTES = 16 * 1024;
/** Room for headers, and for what the log adds. */
const MAX_VALUE_BYTES = SILO_RECORD_BYTES - 4 * 1024;

/** A record that was tried. */
export interface TriedRecord {
  /** Undefined for what the log cannot take. */
  readonly value: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a record that can be used. */
  readonly fault: string | undefined;
}

/** What the log is given. */
export interface Sendable {
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What of a body goes to the log: its records, but of those that cannot be used all behind the first {@link MAX_SINGLE_FAULTS} together, one value for each
 * fault, so that a body of twenty thousand one-letter lines makes no twenty thousand dead letters. As far as `roomBytes` allow; others travel by themselves.
 * Yields the bytes that were written so far.
 */
export function* keepTogether(
  tried: readonly TriedRecord[],
  roomBytes: number,
): Generator<number, readonly Sendable[]> {
  const sent: Sendable[] = [];
  const kept = new Map<string, Gathering>();
  const stretch = new Stretch();
  let singles = 0;
  let bytes = 0;
  for (const { value, headers, fault } of tried) {
    if (value === undefined) continue;
    const isSingle = fault === undefined || singles < MAX_SINGLE_FAULTS || value.length > MAX_LINE_BYTES;
    const line = isSingle ? undefined : lineOfKept({ bytes: value, envelope: headers[ENVELOPE_HEADER] });
    const lineBytes = line === undefined ? 0 : Buffer.byteLength(line);
    if (fault === undefined || line === undefined || bytes + lineBytes > roomBytes) {
      if (fault !== undefined) singles += 1;
      sent.push({ value, headers });
      continue;
    }
    bytes += lineBytes;
    let gathering = kept.get(fault);
    if (gathering === undefined) kept.set(fault, (gathering = new Gathering(fault, headers)));
    const full = gathering.add(line, lineBytes);
    if (full !== undefined) sent.push(full);
    if (stretch.isOver(lineBytes)) yield bytes;
  }
  for (const gathering of kept.values()) sent.push(gathering.take());
  yield bytes;
  return sent;
}

/** Records with one fault, until they fill a value. */
class Gathering {
  readonly #headers: Readonly<Record<string, string>>;
  #lines: string[] = [];
  #bytes = 0;

  /** `headers`: of any of the records; but for their envelopes they are alike. */
  constructor(fault: string, { [ENVELOPE_HEADER]: _own, ...headers }: Readonly<Record<string, string>>) {
    this.#headers = { ...headers, [TOGETHER_HEADER]: fault };
  }

  /** What was gathered before, where the line does not fit in. */
  add(line: string, lineBytes: number): Sendable | undefined {
    const full = this.#bytes + lineBytes > MAX_VALUE_BYTES ? this.take() : undefined;
    this.#lines.push(line);
    this.#bytes += lineBytes;
    return full;
  }

  take(): Sendable {
    const value = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#bytes = 0;
    return { value, headers: this.#headers };
  }
}
