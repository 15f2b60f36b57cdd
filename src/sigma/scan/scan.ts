import { addCandidates, beginCandidates, endCandidates, hasCandidates } from './candidates';
import {
  ESCAPED_STRING,
  INDEX_PRESENT,
  SKIM_BYTES,
  SKIM_END,
  SKIM_INDEX,
  SKIM_START,
  STATE_BYTES,
  STATE_LINE,
  STATE_SCRATCH,
  STATE_SOURCES,
  STATE_TAPE,
  STATE_TEXT,
  TOKEN_END,
  TOKEN_START,
} from '../match/layout';
import { knownRoute, rememberRoute, sourceToken } from './source';
import { findInPrepared, mayFoldToAscii, prepareText, unescapeText } from './texts';
import { tapeEnd, tokenise } from './tokens';
import { walkEvent } from './walk';

/** What both sides tell each other. */
const STATE: usize = memory.data(STATE_BYTES);

export function state(): usize {
  return STATE;
}

/** From where on memory is the engine's to fill with tables. */
export function heapStart(): usize {
  return __heap_base;
}

/** Takes the `length` bytes at the line apart; gives the end of the tape, or 0 when they are no JSON object it knows. */
export function read(length: i32): usize {
  const start = load<usize>(STATE, STATE_LINE);
  const end = start + <usize>length;
  v128.store(end, i32x4.splat(0));
  return tokenise(load<usize>(STATE, STATE_TAPE), start, end) ? tapeEnd() : 0;
}

/** The token of the log source that the event names itself, or 0. */
export function source(): usize {
  return sourceToken(load<usize>(STATE, STATE_TAPE));
}

/** The number of the route that was remembered for the event's log source; 0 for a new one. */
export function route(): i32 {
  return knownRoute(load<usize>(STATE, STATE_SOURCES), source());
}

/** Remembers the number of the route for the event's log source, whose text is copied to `copy`. */
export function remember(copy: usize, number: i32): void {
  rememberRoute(load<usize>(STATE, STATE_SOURCES), source(), copy, number);
}

/** Meets what lies on the tape. */
export function walk(along: usize): void {
  beginCandidates(along);
  walkEvent(STATE, along, load<usize>(STATE, STATE_TAPE));
}

/** Begins an event that the engine walks by itself. */
export function begin(along: usize): void {
  beginCandidates(along);
}

/** A field is there, whatever its value. */
export function meet(index: usize): void {
  addCandidates(load<usize>(index, INDEX_PRESENT));
}

/**
 * Finds the literals of up to two indexes (0 is none) in the `length` bytes of UTF-8 that the engine put down; tells
 * whether folding case could make some of the text ASCII.
 */
export function find(index: usize, keywords: usize, length: i32): bool {
  const start = load<usize>(STATE, STATE_TEXT);
  const end = start + <usize>length;
  prepareText(start, end);
  if (index !== 0) findInPrepared(index, start, end);
  if (keywords !== 0) findInPrepared(keywords, start, end);
  return mayFoldToAscii();
}

/** Whether stretches of the text at the line make rules of the route candidates, or could once case is folded. */
export function skim(along: usize, first: usize, stretches: i32): bool {
  beginCandidates(along);
  const line = load<usize>(STATE, STATE_LINE);
  const last = first + <usize>(stretches * SKIM_BYTES);
  for (let at = first; at < last; at += SKIM_BYTES) {
    const index = load<usize>(at, SKIM_INDEX);
    const from = load<i32>(at, SKIM_START);
    if (index === 0 || from < 0) continue;
    addCandidates(load<usize>(index, INDEX_PRESENT));
    const start = line + <usize>from;
    const end = line + <usize>load<i32>(at, SKIM_END);
    prepareText(start, end);
    if (mayFoldToAscii()) return true;
    findInPrepared(index, start, end);
    if (hasCandidates()) return true;
  }
  return hasCandidates();
}

/** Puts the string of a token, which is ASCII, at the scratch without its escapes; gives its end. */
export function unescape(token: usize): usize {
  const start = load<usize>(token, TOKEN_START);
  const end = load<usize>(token, TOKEN_END);
  return unescapeText(start, end, ESCAPED_STRING, load<usize>(STATE, STATE_SCRATCH));
}

/** Ends the event: how many candidates it has. The route lists them, in order if they are few. */
export function end(): i32 {
  return endCandidates();
}
