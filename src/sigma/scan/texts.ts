import { addCandidates } from './candidates';
import { FOREIGN, INDEX_FOREIGN, RICH_STRING } from '../match/layout';
import { findLiterals } from './literals';
import { codeUnitAt, unescaped } from './tokens';

const BACKSLASH: i32 = 0x5c;

/** Whether the text that was prepared last has characters that are not ASCII. */
let isForeign: bool = false;
/** Whether some of those become ASCII when case is folded: U+0130, U+017F and U+212A. */
let mayFold: bool = false;

export function mayFoldToAscii(): bool {
  return mayFold;
}

/** Puts marks where the text in place has bytes that are not ASCII. */
export function prepareText(start: usize, end: usize): void {
  isForeign = false;
  mayFold = false;
  for (let at = start; at < end; at += 16) {
    if (i8x16.bitmask(v128.load(at)) !== 0) markForeign(at, min(at + 16, end));
  }
}

function markForeign(from: usize, to: usize): void {
  for (let at = from; at < to; at++) {
    const byte: i32 = load<u8>(at);
    if (byte < 0x80) continue;
    isForeign = true;
    // What follows the first byte of a character is not marked yet, since marks are put from the left.
    if (byte !== FOREIGN) noteFolding(byte, load<u8>(at + 1), load<u8>(at + 2));
    store<u8>(at, FOREIGN);
  }
}

/** By the first bytes of a character in UTF-8. */
function noteFolding(first: i32, second: i32, third: i32): void {
  if (first === 0xc4 && second === 0xb0) mayFold = true;
  else if (first === 0xc5 && second === 0xbf) mayFold = true;
  else if (first === 0xe2 && second === 0x84 && third === 0xaa) mayFold = true;
}

/** Puts the content of a JSON string into `scratch` without its escapes, as `prepareText` would; gives its end. */
export function unescapeText(start: usize, end: usize, kind: i32, scratch: usize): usize {
  isForeign = false;
  mayFold = false;
  let to = scratch;
  for (let at = start; at < end; at++) {
    const byte: i32 = load<u8>(at);
    if (byte !== BACKSLASH) {
      store<u8>(to++, byte);
      continue;
    }
    const char = unescaped(load<u8>(++at));
    if (char !== 0) {
      store<u8>(to++, char);
      continue;
    }
    const unit = codeUnitAt(at);
    at += 4;
    if (unit === 0x130 || unit === 0x17f || unit === 0x212a) mayFold = true;
    if (unit >= 0x80) isForeign = true;
    store<u8>(to++, unit < 0x80 ? unit : FOREIGN);
  }
  if (kind === RICH_STRING) {
    const wasForeign = isForeign;
    const mightFold = mayFold;
    prepareText(scratch, to);
    isForeign = isForeign || wasForeign;
    mayFold = mayFold || mightFold;
  }
  return to;
}

/** Finds an index's literals in the text that was prepared last. */
export function findInPrepared(index: usize, start: usize, end: usize): void {
  if (isForeign) addCandidates(load<usize>(index, INDEX_FOREIGN));
  findLiterals(index, start, end);
}
