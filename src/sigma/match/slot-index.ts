import { type GuardTerm } from '../compile/guard.js';
import { fold } from '../modifiers/sigma-string.js';
import { anchored, type Automaton, floating, type Pattern } from './automaton.js';
import { type Candidates } from './candidates.js';

export interface IndexedTerm {
  readonly term: GuardTerm;
  readonly rule: number;
}

/** Characters that are not ASCII and whose case folds to ASCII: they pass the tables as what they are not. */
const FOLDS_TO_ASCII = /[\u0130\u017f\u212a]/;

/** Names the rules that one field's value could make match. */
export class SlotIndex {
  readonly #present: Int32Array;
  readonly #empty: Int32Array;
  readonly #forward: Automaton | undefined;
  readonly #backward: Automaton | undefined;
  readonly #inside: Automaton | undefined;

  constructor(terms: readonly IndexedTerm[]) {
    const rulesAt = (place: GuardTerm['place'], isEmpty: boolean): Int32Array =>
      Int32Array.from(
        new Set(
          terms.filter(({ term }) => term.place === place && (term.literal === '') === isEmpty).map(({ rule }) => rule),
        ),
      );
    const patternsAt = (...places: readonly GuardTerm['place'][]): readonly Pattern[] =>
      terms
        .filter(({ term }) => places.includes(term.place) && term.literal !== '')
        .map(({ term, rule }) => ({ literal: term.literal, value: rule * 2 + (term.place === 'whole' ? 1 : 0) }));
    this.#present = rulesAt('present', true);
    this.#empty = rulesAt('whole', true);
    const forward = patternsAt('whole', 'start');
    const backward = patternsAt('end').map(({ literal, value }) => ({ literal: reversed(literal), value }));
    const inside = patternsAt('inside');
    this.#forward = forward.length === 0 ? undefined : anchored(forward);
    this.#backward = backward.length === 0 ? undefined : anchored(backward);
    this.#inside = inside.length === 0 ? undefined : floating(inside);
  }

  /** The field is there, whatever its value. */
  meet(candidates: Candidates): void {
    for (const rule of this.#present) candidates.add(rule);
  }

  /** The field, or one of its elements, holds this text. */
  scan(text: string, candidates: Candidates): void {
    if (text === '') {
      for (const rule of this.#empty) candidates.add(rule);
      return;
    }
    let isAscii = true;
    if (this.#forward !== undefined) isAscii = scanForward(this.#forward, text, candidates);
    if (this.#backward !== undefined) isAscii = scanBackward(this.#backward, text, candidates) && isAscii;
    if (this.#inside !== undefined) isAscii = scanInside(this.#inside, text, candidates) && isAscii;
    if (!isAscii && FOLDS_TO_ASCII.test(text)) this.scan(fold(text).replaceAll('\u017f', 's'), candidates);
  }

  /** As `scan`, over a text that lies in `bytes` from `start` to `end` and is ASCII. */
  scanBytes(bytes: Uint8Array, start: number, end: number, candidates: Candidates): void {
    if (start === end) {
      for (const rule of this.#empty) candidates.add(rule);
      return;
    }
    if (this.#forward !== undefined) scanBytesForward(this.#forward, bytes, start, end, candidates);
    if (this.#backward !== undefined) scanBytesBackward(this.#backward, bytes, start, end, candidates);
    if (this.#inside !== undefined) scanBytesInside(this.#inside, bytes, start, end, candidates);
  }
}

function reversed(text: string): string {
  let result = '';
  for (let at = text.length - 1; at >= 0; at--) result += text.charAt(at);
  return result;
}

/** Each scan tells whether it saw ASCII only. */
function scanForward(automaton: Automaton, text: string, candidates: Candidates): boolean {
  const { classes, next, firstHit } = automaton;
  const end = text.length;
  let seen = 0;
  let state = 0;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    seen |= code;
    state = next[state + (classes[code < 128 ? code : 128] ?? 0)] ?? -1;
    if (state < 0) break;
    if (state >= firstHit) addHits(automaton, state, at + 1 === end, candidates);
  }
  return seen < 128;
}

function scanBackward(automaton: Automaton, text: string, candidates: Candidates): boolean {
  const { classes, next, firstHit } = automaton;
  let seen = 0;
  let state = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const code = text.charCodeAt(at);
    seen |= code;
    state = next[state + (classes[code < 128 ? code : 128] ?? 0)] ?? -1;
    if (state < 0) break;
    if (state >= firstHit) addHits(automaton, state, false, candidates);
  }
  return seen < 128;
}

function scanInside(automaton: Automaton, text: string, candidates: Candidates): boolean {
  const { classes, next, firstHit } = automaton;
  const end = text.length;
  let seen = 0;
  let state = 0;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    seen |= code;
    state = next[state + (classes[code < 128 ? code : 128] ?? 0)] ?? 0;
    if (state >= firstHit) addHits(automaton, state, false, candidates);
  }
  return seen < 128;
}

/** Values are rule × 2, plus 1 where the literal has to be the whole text. */
function addHits(automaton: Automaton, state: number, isAtEnd: boolean, candidates: Candidates): void {
  const { starts, values, width, firstHit } = automaton;
  const hit = (state - firstHit) / width;
  const end = starts[hit + 1] ?? 0;
  for (let at = starts[hit] ?? 0; at < end; at++) {
    const value = values[at] ?? 0;
    if ((value & 1) === 0 || isAtEnd) candidates.add(value >> 1);
  }
}

function scanBytesForward(
  automaton: Automaton,
  bytes: Uint8Array,
  start: number,
  end: number,
  candidates: Candidates,
): void {
  const { classes, next, firstHit } = automaton;
  let state = 0;
  for (let at = start; at < end; at++) {
    state = next[state + (classes[bytes[at] ?? 0] ?? 0)] ?? -1;
    if (state < 0) return;
    if (state >= firstHit) addHits(automaton, state, at + 1 === end, candidates);
  }
}

function scanBytesBackward(
  automaton: Automaton,
  bytes: Uint8Array,
  start: number,
  end: number,
  candidates: Candidates,
): void {
  const { classes, next, firstHit } = automaton;
  let state = 0;
  for (let at = end - 1; at >= start; at--) {
    state = next[state + (classes[bytes[at] ?? 0] ?? 0)] ?? -1;
    if (state < 0) return;
    if (state >= firstHit) addHits(automaton, state, false, candidates);
  }
}

function scanBytesInside(
  automaton: Automaton,
  bytes: Uint8Array,
  start: number,
  end: number,
  candidates: Candidates,
): void {
  const { classes, next, firstHit } = automaton;
  let state = 0;
  for (let at = start; at < end; at++) {
    state = next[state + (classes[bytes[at] ?? 0] ?? 0)] ?? 0;
    if (state >= firstHit) addHits(automaton, state, false, candidates);
  }
}
