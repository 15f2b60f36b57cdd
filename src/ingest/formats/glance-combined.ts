import {
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
  PEER,
  SAME_TIME,
  SET_BYTES,
  STRETCH_COUNT,
  TIME_LENGTH,
  USER,
} from './glance-layout.js';
import type { Stretch } from '../../sigma/index.js';
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

/** No two signs that need a closer look, as `hasOddRun` says in both places. */
const ODD_RUN = /\.\.|--|\/\/|x2/;
const ADDRESS_OF_PAGE = /^[\w.,:@~!/?=&-]*$/;

/** By their order in the layout: the fields that each stretch of a line is, as `accessFields` names them, and what it may hold. */
export const COMBINED_STRETCHES: readonly Stretch[] = [
  { names: ['c-ip'], mayHold: of(IN_ADDRESS) },
  { names: ['cs-username'], mayHold: of(IN_USER) },
  { names: ['cs-method'], mayHold: (text) => /^[a-z]*$/.test(text) },
  {
    names: ['c-uri', 'cs-uri-query', 'request.decoded'],
    mayHold: (text) => ADDRESS_OF_PAGE.test(text) && !ODD_RUN.test(text),
  },
  { names: ['cs-uri-stem', 'request.path'], mayHold: (text) => of(IN_PATH)(text) && !ODD_RUN.test(text) },
  { names: ['request.query'], mayHold: (text) => of(IN_QUERY)(text) && !ODD_RUN.test(text) },
  { names: ['cs-version'], mayHold: (text) => /^[htp/\d.]*$/.test(text) },
  { names: ['sc-status'], mayHold: of(IN_NUMBER) },
  { names: ['sc-bytes'], mayHold: of(IN_NUMBER) },
  { names: ['cs-referer', 'request.referer'], mayHold: (text) => ADDRESS_OF_PAGE.test(text) && !/\.\./.test(text) },
  { names: ['cs-user-agent', 'request.user_agent'], mayHold: (text) => of(IN_AGENT)(text) && !text.includes('..') },
];

/** Bytes of a line: the first, and the one after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Most lines of an access log have nothing that must be decoded or looked at more closely: each of their fields is a stretch of the line.
 * That is seen without taking the line apart, at a tenth of the cost; what is not such a line is for `parseRecord`.
 */
export class CombinedGlance {
  /** Where each stretch of the line looked at last begins and ends, -1 where it says nothing: by twos, in the order of `COMBINED_STRETCHES`. */
  readonly stretches: Int32Array;
  readonly #memory: Buffer;
  readonly #line: number;
  readonly #look: (length: number) => number;
  /** Of the last plain line: neighbours mostly have the same. */
  #timeMs = NaN;

  constructor() {
    const code = new WebAssembly.Module(Buffer.from(GLANCE_BINARY, 'base64'));
    const exports = new WebAssembly.Instance(code).exports as unknown as GlanceExports;
    this.#memory = Buffer.from(exports.memory.buffer);
    this.#line = exports.line();
    this.#look = exports.look;
    this.stretches = new Int32Array(exports.memory.buffer, exports.stretches(), STRETCH_COUNT * 2 + 1);
    for (const [set, members] of Object.entries(SETS))
      putSet(this.#memory, exports.sets() + Number(set) * SET_BYTES, members);
  }

  /** The time of the event that `parseRecord` would make of a plain line, in epoch milliseconds; NaN when the line is not plain. */
  timeOf(line: Buffer, arrivalMs: number): number {
    if (line.length > MAX_LINE) return NaN;
    this.#memory.set(line, this.#line);
    const timeAt = this.#look(line.length);
    if (timeAt === 0) return NaN;
    if (this.stretches[SAME_TIME >> 2] === 0)
      this.#timeMs = combinedTimeAt(text(line, timeAt, timeAt + TIME_LENGTH), 0);
    return isPlainTime(this.#timeMs, arrivalMs) ? this.#timeMs : NaN;
  }

  /** `c-ip` of the line looked at last. */
  get peer(): Span {
    return this.#spanOf(PEER);
  }

  /** `cs-username` of the line looked at last; empty where it has none. */
  get user(): Span {
    return this.#spanOf(USER);
  }

  #spanOf(stretch: number): Span {
    return { start: this.stretches[stretch * 2] ?? -1, end: this.stretches[stretch * 2 + 1] ?? -1 };
  }
}

const text = (line: Buffer, start: number, end: number): string => line.toString('latin1', start, end);

/** Whether a text is of the set's characters alone. */
function of(set: number): (text: string) => boolean {
  const members = SETS[set];
  return (text) => members !== undefined && Array.from(text).every((character) => members.test(character));
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
