import {
  AGENT,
  BYTES,
  IN_ADDRESS,
  IN_AGENT,
  IN_HOST,
  IN_METHOD,
  IN_NUMBER,
  IN_PATH,
  IN_PRODUCT,
  IN_QUERY,
  IN_USER,
  IN_VERSION,
  MAX_LINE,
  METHOD,
  PEER,
  QUERY,
  REFERER,
  SET_BYTES,
  STATUS,
  STEM,
  STRETCH_COUNT,
  TARGET,
  TIME_LENGTH,
  USER,
  VERSION,
} from './glance-layout.js';
import { isPlainTime } from './event-time.js';
import { GLANCE_BINARY } from './glance-binary.js';
import { combinedTimeAt } from './read-time.js';

/** What `src/ingest/glance/combined.ts` exports. */
interface GlanceExports {
  readonly memory: WebAssembly.Memory;
  readonly sets: () => number;
  readonly line: () => number;
  readonly stretches: () => number;
  readonly look: (length: number) => number;
}

/** Characters that need no closer look where they stand; the same as those in `request-values.ts` and fewer. */
const SETS: Readonly<Record<number, RegExp>> = {
  [IN_ADDRESS]: /[\da-fA-F.:]/,
  [IN_USER]: /[\w.@-]/,
  [IN_METHOD]: /[A-Z]/,
  [IN_PATH]: /[\w.,:@~!/-]/,
  [IN_QUERY]: /[\w.,:@~!=&-]/,
  [IN_VERSION]: /[\d.]/,
  [IN_NUMBER]: /\d/,
  [IN_HOST]: /[\w.:-]/,
  [IN_PRODUCT]: /[\w .-]/,
  [IN_AGENT]: /[\w ()[\],;:.@~!*#/+-]/,
};

/** By stretch of a line the fields that hold it, as `accessFields` names them. */
export const COMBINED_FIELDS: readonly (readonly string[])[] = byStretch({
  [PEER]: ['c-ip'],
  [USER]: ['cs-username'],
  [METHOD]: ['cs-method'],
  [TARGET]: ['c-uri', 'cs-uri-query', 'request.decoded'],
  [STEM]: ['cs-uri-stem', 'request.path'],
  [QUERY]: ['request.query'],
  [VERSION]: ['cs-version'],
  [STATUS]: ['sc-status'],
  [BYTES]: ['sc-bytes'],
  [REFERER]: ['cs-referer', 'request.referer'],
  [AGENT]: ['cs-user-agent', 'request.user_agent'],
});

/**
 * Most lines of an access log have nothing that must be decoded or looked at more closely: each of their fields is a stretch of the line.
 * That is seen without taking the line apart, at a tenth of the cost; what is not such a line is for `parseRecord`.
 */
export class CombinedGlance {
  /** Where each stretch of the line looked at last begins and ends, -1 where it says nothing: by twos, in the order of `COMBINED_FIELDS`. */
  readonly stretches: Int32Array;
  readonly #memory: Buffer;
  readonly #line: number;
  readonly #look: (length: number) => number;

  constructor() {
    const code = new WebAssembly.Module(Buffer.from(GLANCE_BINARY, 'base64'));
    const exports = new WebAssembly.Instance(code).exports as unknown as GlanceExports;
    this.#memory = Buffer.from(exports.memory.buffer);
    this.#line = exports.line();
    this.#look = exports.look;
    this.stretches = new Int32Array(exports.memory.buffer, exports.stretches(), STRETCH_COUNT * 2);
    for (const [set, members] of Object.entries(SETS))
      putSet(this.#memory, exports.sets() + Number(set) * SET_BYTES, members);
  }

  /** The time of the event that `parseRecord` would make of a plain line, in epoch milliseconds; NaN when the line is not plain. */
  timeOf(line: Buffer, arrivalMs: number): number {
    if (line.length > MAX_LINE) return NaN;
    this.#memory.set(line, this.#line);
    const timeAt = this.#look(line.length);
    if (timeAt === 0) return NaN;
    const timeMs = combinedTimeAt(line.toString('latin1', timeAt, timeAt + TIME_LENGTH), 0);
    return isPlainTime(timeMs, arrivalMs) ? timeMs : NaN;
  }

  /** The fields of the line looked at last that name whom it is about. */
  namesIn(line: Buffer): Readonly<Record<string, string>> {
    const names: Record<string, string> = {};
    for (const which of [PEER, USER]) {
      const [start = -1, end = -1] = this.stretches.subarray(which * 2, which * 2 + 2);
      if (start >= 0)
        for (const name of COMBINED_FIELDS[which] ?? []) names[name] = line.toString('latin1', start, end);
    }
    return names;
  }
}

function byStretch(names: Readonly<Record<number, readonly string[]>>): readonly (readonly string[])[] {
  return Array.from({ length: STRETCH_COUNT }, (_, stretch) => names[stretch] ?? []);
}

/** By the low half of a character the rows of sixteen that have it, a bit each; then by the high half the bit of its row. */
function putSet(memory: Buffer, address: number, members: RegExp): void {
  for (let code = 0; code < 0x80; code += 1) {
    const row = 1 << (code >> 4);
    memory[address + 16 + (code >> 4)] = row;
    if (!members.test(String.fromCharCode(code))) continue;
    const low = address + (code & 0x0f);
    memory[low] = (memory[low] ?? 0) | row;
  }
}
