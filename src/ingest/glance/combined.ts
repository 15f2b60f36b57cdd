import {
  AFTER_LINE,
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
  SAME_TIME,
  STATUS,
  STEM,
  STRETCH_COUNT,
  TARGET,
  TIME_LENGTH,
  USER,
  VERSION,
} from '../formats/glance-layout';
import { hasOddRun, hasTwoDots, sets, spanOf } from './sets';

export { sets };

const BLANK: i32 = 0x20;
const QUOTE: i32 = 0x22;
const DASH: i32 = 0x2d;
const SLASH: i32 = 0x2f;
const ZERO: i32 = 0x30;
const QUESTION: i32 = 0x3f;

/** Longest number that stays exact, and longest name of a product that an agent begins with. */
const MAX_DIGITS: i32 = 15;
const MAX_PRODUCT: i32 = 80;

const LINE: usize = memory.data(MAX_LINE + AFTER_LINE, 16);
const STRETCHES: usize = memory.data(STRETCH_COUNT * 8 + 4, 16);
/** The time of the last plain line. */
const LAST_TIME: usize = memory.data(TIME_LENGTH, 16);

let at: usize = 0;
let end: usize = 0;

export function line(): usize {
  return LINE;
}

export function stretches(): usize {
  return STRETCHES;
}

/**
 * Looks at the `length` bytes of a line in the common or combined format of nginx and Apache: where its time begins, or 0 when it is not
 * plain. A plain line is ASCII and has nothing that would have to be decoded, joined or looked at more closely: each field is a stretch of it.
 */
export function look(length: i32): i32 {
  at = LINE;
  end = LINE + <usize>length;
  memory.fill(STRETCHES, 0xff, STRETCH_COUNT * 8);
  store<i32>(STRETCHES, 1, SAME_TIME);
  const timeAt = head();
  if (timeAt === 0 || !request() || !numbers()) return 0;
  if (at !== end && !(takes(BLANK) && referer() && takes(BLANK) && agent() && at === end)) return 0;
  if (memory.compare(timeAt, LAST_TIME, TIME_LENGTH) !== 0) {
    memory.copy(LAST_TIME, timeAt, TIME_LENGTH);
    store<i32>(STRETCHES, 0, SAME_TIME);
  }
  return <i32>(timeAt - LINE);
}

/** `192.0.2.1 - ann [` and the time; gives where that begins, or 0. */
function head(): usize {
  if (!stretch(PEER, IN_ADDRESS) || !takes(BLANK) || !takes(DASH) || !takes(BLANK)) return 0;
  const userAt = at;
  if (!stretch(USER, IN_USER)) return 0;
  if (isDash(userAt)) forget(USER);
  if (!takes(BLANK) || !takes(0x5b)) return 0;
  const timeAt = at;
  at += TIME_LENGTH;
  const isAscii = i8x16.bitmask(v128.load(timeAt)) === 0 && i8x16.bitmask(v128.load(at - 16)) === 0;
  return isAscii && takes(0x5d) && takes(BLANK) ? timeAt : 0;
}

/** `"GET /path?query HTTP/1.1"`. */
function request(): bool {
  if (!takes(QUOTE) || !stretch(METHOD, IN_METHOD) || at - startOf(METHOD) > 16 || !takes(BLANK)) return false;
  const targetAt = at;
  if (load<u8>(at) !== SLASH || !pathAndQuery(true)) return false;
  put(TARGET, targetAt, at);
  if (!takes(BLANK)) return false;
  const versionAt = at;
  // `HTTP`, `/`
  if (load<u32>(at) !== 0x50545448 || load<u8>(at + 4) !== SLASH) return false;
  at += 5;
  at = spanOf(IN_VERSION, at, end);
  put(VERSION, versionAt, at);
  return takes(QUOTE) && takes(BLANK);
}

/** A path and, after a question mark, a query of which nothing is odd. */
function pathAndQuery(isTarget: bool): bool {
  const pathAt = at;
  at = spanOf(IN_PATH, at, end);
  if (hasOddRun(pathAt, at)) return false;
  if (isTarget) put(STEM, pathAt, at);
  if (load<u8>(at) !== QUESTION || at >= end) return true;
  at++;
  const queryAt = at;
  at = spanOf(IN_QUERY, at, end);
  if (isTarget) put(QUERY, queryAt, at);
  return !hasOddRun(queryAt, at);
}

/** `200 512`, or `200 -`. */
function numbers(): bool {
  if (!stretch(STATUS, IN_NUMBER) || at - startOf(STATUS) !== 3 || load<u8>(startOf(STATUS)) === ZERO) return false;
  if (!takes(BLANK)) return false;
  if (takes(DASH)) return true;
  if (!stretch(BYTES, IN_NUMBER)) return false;
  const length = <i32>(at - startOf(BYTES));
  return length === 1 || (length <= MAX_DIGITS && load<u8>(startOf(BYTES)) !== ZERO);
}

/** A quoted address of a page, or nothing. */
function referer(): bool {
  if (!takes(QUOTE)) return false;
  if (isNothing()) return true;
  const refererAt = at;
  // `http`, `s`, `://`
  if (load<u32>(at) !== 0x70747468) return false;
  at += 4;
  takes(0x73);
  if (!takes(0x3a) || !takes(SLASH) || !takes(SLASH)) return false;
  const hostAt = at;
  at = spanOf(IN_HOST, at, end);
  const next = load<u8>(at);
  if (at === hostAt || (next !== SLASH && next !== QUESTION && next !== QUOTE)) return false;
  if (hasTwoDots(hostAt, at) || !pathAndQuery(false)) return false;
  put(REFERER, refererAt, at);
  return takes(QUOTE);
}

/** A quoted product with its version and whatever an agent says besides; or plain words, or nothing. */
function agent(): bool {
  if (!takes(QUOTE)) return false;
  if (isNothing()) return true;
  const agentAt = at;
  at = spanOf(IN_PRODUCT, at, end);
  if (load<u8>(at) !== QUOTE && !version(agentAt)) return false;
  at = spanOf(IN_AGENT, at, end);
  put(AGENT, agentAt, at);
  return !hasTwoDots(agentAt, at) && takes(QUOTE);
}

/** `/5`, or `/v5`, after a name that begins with a letter. */
function version(agentAt: usize): bool {
  if (!isLetter(load<u8>(agentAt))) return false;
  if (<i32>(at - agentAt) > MAX_PRODUCT || !takes(SLASH)) return false;
  // `v`
  takes(0x76);
  return spanOf(IN_NUMBER, at, min(at + 1, end)) !== at;
}

/** A dash or an empty text up to the quote. */
function isNothing(): bool {
  if (takes(QUOTE)) return true;
  if (!(load<u8>(at) === DASH && load<u8>(at + 1) === QUOTE)) return false;
  at += 2;
  return at <= end;
}

function isLetter(char: i32): bool {
  const lower = char | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function takes(char: i32): bool {
  if (at >= end || load<u8>(at) !== char) return false;
  at++;
  return true;
}

/** Some characters of the set, as this stretch. */
function stretch(which: i32, set: i32): bool {
  const from = at;
  at = spanOf(set, at, end);
  put(which, from, at);
  return at > from;
}

function isDash(from: usize): bool {
  return at - from === 1 && load<u8>(from) === DASH;
}

function put(which: i32, from: usize, to: usize): void {
  store<i32>(STRETCHES + <usize>(which << 3), <i32>(from - LINE));
  store<i32>(STRETCHES + <usize>(which << 3), <i32>(to - LINE), 4);
}

function startOf(which: i32): usize {
  return LINE + <usize>load<i32>(STRETCHES + <usize>(which << 3));
}

function forget(which: i32): void {
  store<i64>(STRETCHES + <usize>(which << 3), -1);
}
