import {
  ARRAY,
  BOOLEAN,
  ESCAPED_STRING,
  KEY,
  NULL,
  NUMBER,
  OBJECT,
  PLAIN_NUMBER,
  RICH_STRING,
  STRING,
  TOKEN_BYTES,
  TOKEN_END,
  TOKEN_KIND,
  TOKEN_MARK,
  TOKEN_START,
} from '../match/layout';

/** Objects and arrays nested deeper than this are left to the full parser. */
const MAX_DEPTH: i32 = 64;

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;
const COLON: i32 = 0x3a;
const COMMA: i32 = 0x2c;
const BLANK: i32 = 0x20;

/** Where the next token will lie. */
let next: usize = 0;

/** The token after the last one. */
export function tapeEnd(): usize {
  return next;
}

/**
 * Takes one JSON object apart without building it: where each key and value lies. It accepts only what is JSON, on one
 * line, with plain keys; whatever else comes, it gives up. Zeros stand behind `end`, at which every loop stops.
 */
export function tokenise(tape: usize, start: usize, end: usize): bool {
  next = tape;
  const at = skip(start);
  if (load<u8>(at) !== 0x7b) return false;
  const after = object(at, 0);
  return after !== 0 && skip(after) === end;
}

/** What follows gives where the text goes on behind what it read, or 0 when that is no JSON it knows. */
function value(at: usize, depth: i32): usize {
  const byte: i32 = load<u8>(at);
  if (byte === QUOTE) return string(at + 1);
  if (byte === 0x2d || isDigit(byte)) return number(at, byte);
  if (byte === 0x7b) return depth < MAX_DEPTH ? object(at, depth + 1) : 0;
  if (byte === 0x5b) return depth < MAX_DEPTH ? array(at, depth + 1) : 0;
  return word(at);
}

function object(start: usize, depth: i32): usize {
  const token = add(OBJECT, start, start, 0);
  let at = skip(start + 1);
  if (load<u8>(at) === 0x7d) return close(token, at);
  while (true) {
    if (load<u8>(at) !== QUOTE) return 0;
    at = key(at + 1);
    if (at === 0) return 0;
    at = value(at, depth);
    if (at === 0) return 0;
    if (load<u8>(at) !== COMMA) {
      at = skip(at);
      if (load<u8>(at) === 0x7d) return close(token, at);
      if (load<u8>(at) !== COMMA) return 0;
    }
    at = skip(at + 1);
  }
}

function array(start: usize, depth: i32): usize {
  const token = add(ARRAY, start, start, 0);
  let at = skip(start + 1);
  if (load<u8>(at) === 0x5d) return close(token, at);
  while (true) {
    at = value(at, depth);
    if (at === 0) return 0;
    at = skip(at);
    if (load<u8>(at) === 0x5d) return close(token, at);
    if (load<u8>(at) !== COMMA) return 0;
    at = skip(at + 1);
  }
}

function close(token: usize, at: usize): usize {
  store<usize>(token, at + 1, TOKEN_END);
  store<usize>(token, next, TOKEN_MARK);
  return at + 1;
}

/** A key and its colon. */
function key(start: usize): usize {
  const end = plainEnd(start);
  if (load<u8>(end) !== QUOTE) return 0;
  add(KEY, start, end, keyHash(start, end));
  let at = end + 1;
  if (load<u8>(at) !== COLON) {
    at = skip(at);
    if (load<u8>(at) !== COLON) return 0;
  }
  return skip(at + 1);
}

/** As the engine's `keyHash`: of a key's length and of five of its characters. */
function keyHash(start: usize, end: usize): i32 {
  const length = <i32>(end - start);
  if (length === 0) return mixed(0, 0, 0, 0, 0, 0);
  const last = length - 1;
  return mixed(
    length,
    load<u8>(start),
    load<u8>(start + (last >> 2)),
    load<u8>(start + (last >> 1)),
    load<u8>(start + last - (last >> 2)),
    load<u8>(start + last),
  );
}

function mixed(length: i32, a: i32, b: i32, c: i32, d: i32, e: i32): i32 {
  const hash = ((((length * 31 + a) * 31 + b) * 31 + c) * 31 + d) * 31 + e;
  return hash ^ (hash >>> 11);
}

function string(start: usize): usize {
  const end = plainEnd(start);
  if (load<u8>(end) !== QUOTE) return richString(start, end);
  add(STRING, start, end, 0);
  return end + 1;
}

/** Where a stretch of plain characters ends: at a quote, a backslash, a control character or what is not ASCII. */
function plainEnd(start: usize): usize {
  let at = start;
  while (true) {
    const bytes = v128.load(at);
    const quotes = i8x16.eq(bytes, i8x16.splat(<i8>QUOTE));
    const backslashes = i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH));
    // As signed numbers, bytes that are not ASCII lie below the control characters.
    const others = i8x16.lt_s(bytes, i8x16.splat(<i8>BLANK));
    const stops = i8x16.bitmask(v128.or(v128.or(quotes, backslashes), others));
    if (stops !== 0) return at + <usize>ctz(stops);
    at += 16;
  }
}

function richString(start: usize, from: usize): usize {
  let kind = ESCAPED_STRING;
  let at = from;
  while (true) {
    const byte: i32 = load<u8>(at);
    if (byte === QUOTE) {
      add(kind, start, at, 0);
      return at + 1;
    }
    if (byte === BACKSLASH) {
      at++;
      if (unescaped(load<u8>(at)) === 0) {
        if (codeUnitAt(at) < 0) return 0;
        kind = RICH_STRING;
      }
    } else if (byte < BLANK) return 0;
    else if (byte >= 0x80) kind = RICH_STRING;
    at++;
    // Text in other scripts has no plain stretches worth a long look.
    if (byte < 0x80) at = plainEnd(at);
  }
}

/** What an escape of one character stands for; 0 for what is none. */
export function unescaped(letter: i32): i32 {
  switch (letter) {
    case 0x22:
    case 0x2f:
    case 0x5c:
      return letter;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return 0;
  }
}

/** The code unit that `u` and four hexadecimal digits at `at` stand for, or -1. */
export function codeUnitAt(at: usize): i32 {
  if (load<u8>(at) !== 0x75) return -1;
  let unit = 0;
  for (let digit = at + 1; digit <= at + 4; digit++) {
    const byte: i32 = load<u8>(digit);
    const letter = byte | 0x20;
    if (isDigit(byte)) unit = (unit << 4) | (byte - 0x30);
    else if (letter >= 0x61 && letter <= 0x66) unit = (unit << 4) | (letter - 0x57);
    else return -1;
  }
  return unit;
}

function number(start: usize, byte: i32): usize {
  const isNegative = byte === 0x2d;
  let at = isNegative ? start + 1 : start;
  const first: i32 = load<u8>(at);
  const end = digitsEnd(at);
  if (end === at || (first === 0x30 && end > at + 1)) return 0;
  at = end;
  let isPlain = at - start <= 15 && !isNegative;
  if (load<u8>(at) === 0x2e) {
    isPlain = false;
    const fraction = digitsEnd(at + 1);
    if (fraction === at + 1) return 0;
    at = fraction;
  }
  if ((load<u8>(at) | 0x20) === 0x65) {
    isPlain = false;
    const sign: i32 = load<u8>(at + 1);
    const digits = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
    at = digitsEnd(digits);
    if (at === digits) return 0;
  }
  add(isPlain ? PLAIN_NUMBER : NUMBER, start, at, 0);
  return at;
}

function digitsEnd(from: usize): usize {
  let at = from;
  while (isDigit(load<u8>(at))) at++;
  return at;
}

function isDigit(byte: i32): bool {
  return byte >= 0x30 && byte <= 0x39;
}

function word(at: usize): usize {
  const four = load<u32>(at);
  if (four === 0x65757274) return wordOf(BOOLEAN, at, 4); // true
  if (four === 0x736c6166 && load<u8>(at + 4) === 0x65) return wordOf(BOOLEAN, at, 5); // fals, e
  if (four === 0x6c6c756e) return wordOf(NULL, at, 4); // null
  return 0;
}

function wordOf(kind: i32, at: usize, length: usize): usize {
  add(kind, at, at + length, 0);
  return at + length;
}

/** Blanks within a line. */
function skip(from: usize): usize {
  let at = from;
  while (true) {
    const byte: i32 = load<u8>(at);
    if (byte > BLANK || (byte !== BLANK && byte !== 0x09 && byte !== 0x0d)) return at;
    at++;
  }
}

function add(kind: i32, start: usize, end: usize, mark: i32): usize {
  const token = next;
  next = token + TOKEN_BYTES;
  store<i32>(token, kind, TOKEN_KIND);
  store<usize>(token, start, TOKEN_START);
  store<usize>(token, end, TOKEN_END);
  store<i32>(token, mark, TOKEN_MARK);
  return token;
}
