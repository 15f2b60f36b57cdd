import { addCandidates } from './candidates';
import {
  ARRAY,
  BOOLEAN,
  CHILD_BYTES,
  CHILD_HASH,
  CHILD_LENGTH,
  CHILD_NAME,
  CHILD_NODE,
  DEFERRED_BYTES,
  DEFERRED_INDEX,
  DEFERRED_TOKEN,
  ESCAPED_STRING,
  INDEX_PRESENT,
  MOST_DEFERRED,
  NODE_CHILDREN,
  NODE_INDEX,
  NODE_MASK,
  NODE_MET_AT,
  NODE_SLOT,
  NUMBER,
  OBJECT,
  PLACE_BYTES,
  PLACE_EPOCH,
  PLACE_TOKEN,
  PLAIN_NUMBER,
  RICH_STRING,
  ROUTE_KEYWORDS,
  ROUTE_ROOT,
  SEVERAL,
  STATE_DEFERRED,
  STATE_DEFERRED_COUNT,
  STATE_EPOCH,
  STATE_IS_AMBIGUOUS,
  STATE_PLACES,
  STATE_SCRATCH,
  STATE_SLOTS,
  STRING,
  TOKEN_BYTES,
  TOKEN_END,
  TOKEN_KIND,
  TOKEN_MARK,
  TOKEN_START,
} from '../match/layout';
import { findLiterals } from './literals';
import { findInPrepared, mayFoldToAscii, unescapeText } from './texts';

let state: usize = 0;
let epoch: i32 = 0;
let keywords: usize = 0;
let deferredCount: i32 = 0;

/** Walks the tokens of an event: gathers candidates of the route, and notes where each field lies. */
export function walkEvent(stateAt: usize, route: usize, tape: usize): void {
  state = stateAt;
  epoch = load<i32>(state, STATE_EPOCH) + 1;
  store<i32>(state, epoch, STATE_EPOCH);
  if (epoch === 0) forgetPlaces();
  store<i32>(state, 0, STATE_IS_AMBIGUOUS);
  deferredCount = 0;
  keywords = load<usize>(route, ROUTE_KEYWORDS);
  walkObject(load<usize>(route, ROUTE_ROOT), tape, false);
  store<i32>(state, deferredCount, STATE_DEFERRED_COUNT);
}

/** After 2^32 events the marks of long ago would count again. */
function forgetPlaces(): void {
  memory.fill(load<usize>(state, STATE_PLACES), 0xff, load<usize>(state, STATE_SLOTS) * PLACE_BYTES);
}

/** `isRepeated` says that arrays lead here, so that a field can lie in many places. */
function walkObject(node: usize, object: usize, isRepeated: bool): void {
  const end = load<usize>(object, TOKEN_MARK);
  let token = object + TOKEN_BYTES;
  while (token < end) {
    const value = token + TOKEN_BYTES;
    const kind = load<i32>(value, TOKEN_KIND);
    const child = node === 0 ? <usize>0 : childUnder(node, token);
    if (child !== 0) meet(child, value, isRepeated);
    if (child !== 0 || keywords !== 0) visit(child, value, kind, isRepeated);
    token = kind === OBJECT || kind === ARRAY ? load<usize>(value, TOKEN_MARK) : value + TOKEN_BYTES;
  }
}

/** The node under the key, or 0. */
function childUnder(node: usize, key: usize): usize {
  const table = load<usize>(node, NODE_CHILDREN);
  if (table === 0) return 0;
  const mask = load<i32>(node, NODE_MASK);
  const hash = load<i32>(key, TOKEN_MARK);
  const start = load<usize>(key, TOKEN_START);
  const length = load<usize>(key, TOKEN_END) - start;
  let place = hash & mask;
  while (true) {
    const entry = table + <usize>place * CHILD_BYTES;
    const child = load<usize>(entry, CHILD_NODE);
    if (child === 0) return 0;
    const isAlike = load<i32>(entry, CHILD_HASH) === hash && load<usize>(entry, CHILD_LENGTH) === length;
    if (isAlike && isSame(load<usize>(entry, CHILD_NAME), start, length)) return child;
    place = (place + 1) & mask;
  }
}

/** Both may be read beyond their ends. */
function isSame(a: usize, b: usize, length: usize): bool {
  for (let at: usize = 0; at < length; at += 16) {
    const equal = i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at)));
    const left = length - at;
    const asked = left >= 16 ? 0xffff : (1 << (<i32>left)) - 1;
    if ((equal & asked) !== asked) return false;
  }
  return true;
}

function meet(node: usize, token: usize, isRepeated: bool): void {
  const slot = load<i32>(node, NODE_SLOT);
  if (slot >= 0) {
    const place = load<usize>(state, STATE_PLACES) + <usize>slot * PLACE_BYTES;
    const isSecond = load<i32>(place, PLACE_EPOCH) === epoch;
    store<i32>(place, epoch, PLACE_EPOCH);
    store<usize>(place, isSecond || isRepeated ? <usize>SEVERAL : token, PLACE_TOKEN);
  }
  if (load<usize>(node, NODE_CHILDREN) === 0) return;
  if (load<i32>(node, NODE_MET_AT) === epoch) store<i32>(state, 1, STATE_IS_AMBIGUOUS);
  store<i32>(node, epoch, NODE_MET_AT);
}

function visit(node: usize, token: usize, kind: i32, isRepeated: bool): void {
  const index = node === 0 ? <usize>0 : load<usize>(node, NODE_INDEX);
  if (index !== 0) addCandidates(load<usize>(index, INDEX_PRESENT));
  if (kind === OBJECT) walkObject(node, token, isRepeated);
  else if (kind === ARRAY) visitEach(node, token);
  else {
    if (index !== 0) findInToken(index, token, kind);
    if (keywords !== 0) findInToken(keywords, token, kind);
  }
}

function visitEach(node: usize, array: usize): void {
  const end = load<usize>(array, TOKEN_MARK);
  let token = array + TOKEN_BYTES;
  while (token < end) {
    const kind = load<i32>(token, TOKEN_KIND);
    visit(node, token, kind, true);
    token = kind === OBJECT || kind === ARRAY ? load<usize>(token, TOKEN_MARK) : token + TOKEN_BYTES;
  }
}

function findInToken(index: usize, token: usize, kind: i32): void {
  const start = load<usize>(token, TOKEN_START);
  const end = load<usize>(token, TOKEN_END);
  if (kind === STRING || kind === PLAIN_NUMBER || kind === BOOLEAN) findLiterals(index, start, end);
  else if (kind === ESCAPED_STRING || kind === RICH_STRING) {
    const scratch = load<usize>(state, STATE_SCRATCH);
    findInPrepared(index, scratch, unescapeText(start, end, kind, scratch));
    if (kind === RICH_STRING && mayFoldToAscii()) defer(index, token);
  } else if (kind === NUMBER) defer(index, token);
}

/** Leaves the token's text to the engine. */
function defer(index: usize, token: usize): void {
  if (deferredCount < MOST_DEFERRED) {
    const entry = load<usize>(state, STATE_DEFERRED) + <usize>deferredCount * DEFERRED_BYTES;
    store<usize>(entry, index, DEFERRED_INDEX);
    store<usize>(entry, token, DEFERRED_TOKEN);
  }
  deferredCount++;
}
