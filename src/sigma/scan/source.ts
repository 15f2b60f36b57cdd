import {
  ARRAY,
  FACTOR,
  LONGEST_SOURCE,
  OBJECT,
  SOURCE_BYTES,
  SOURCE_HASH,
  SOURCE_LENGTH,
  SOURCE_PLACES,
  SOURCE_ROUTE,
  SOURCE_TEXT,
  TOKEN_BYTES,
  TOKEN_END,
  TOKEN_KIND,
  TOKEN_MARK,
  TOKEN_START,
} from '../match/layout';

/** The token of the event's own field `logsource`, where that is an object, or 0; of two such fields the later counts. */
export function sourceToken(tape: usize): usize {
  let found: usize = 0;
  const end = load<usize>(tape, TOKEN_MARK);
  let token = tape + TOKEN_BYTES;
  while (token < end) {
    const value = token + TOKEN_BYTES;
    const kind = load<i32>(value, TOKEN_KIND);
    if (isLogsource(load<usize>(token, TOKEN_START), load<usize>(token, TOKEN_END))) {
      found = kind === OBJECT ? value : <usize>0;
    }
    token = kind === OBJECT || kind === ARRAY ? load<usize>(value, TOKEN_MARK) : value + TOKEN_BYTES;
  }
  return found;
}

/** Compares four letters at once: `logs`, `ourc`, `e`. */
function isLogsource(start: usize, end: usize): bool {
  if (end - start !== 9) return false;
  return load<u32>(start) === 0x73676f6c && load<u32>(start + 4) === 0x6372756f && load<u8>(start + 8) === 0x65;
}

/** The number of the route of a log source that is written like the token's text, or 0; no token is an empty text. */
export function knownRoute(sources: usize, token: usize): i32 {
  const length = lengthOf(token);
  if (length > LONGEST_SOURCE) return 0;
  return load<i32>(placeOf(sources, startOf(token), length), SOURCE_ROUTE);
}

/** Remembers the token's text, of which `copy` has room for, with the number of its route. */
export function rememberRoute(sources: usize, token: usize, copy: usize, route: i32): void {
  const length = lengthOf(token);
  const place = placeOf(sources, startOf(token), length);
  memory.copy(copy, startOf(token), <usize>length);
  store<i32>(place, hashOf(copy, length), SOURCE_HASH);
  store<usize>(place, copy, SOURCE_TEXT);
  store<i32>(place, length, SOURCE_LENGTH);
  store<i32>(place, route, SOURCE_ROUTE);
}

function startOf(token: usize): usize {
  return token === 0 ? 0 : load<usize>(token, TOKEN_START);
}

function lengthOf(token: usize): i32 {
  return token === 0 ? 0 : <i32>(load<usize>(token, TOKEN_END) - load<usize>(token, TOKEN_START));
}

/** Where in the table the text lies, or would. */
function placeOf(sources: usize, start: usize, length: i32): usize {
  const hash = hashOf(start, length);
  let order = hash & (SOURCE_PLACES - 1);
  while (true) {
    const place = sources + <usize>order * SOURCE_BYTES;
    if (load<i32>(place, SOURCE_ROUTE) === 0) return place;
    const isAlike = load<i32>(place, SOURCE_HASH) === hash && load<i32>(place, SOURCE_LENGTH) === length;
    if (isAlike && memory.compare(load<usize>(place, SOURCE_TEXT), start, <usize>length) === 0) return place;
    order = (order + 1) & (SOURCE_PLACES - 1);
  }
}

function hashOf(start: usize, length: i32): i32 {
  let hash = length;
  const end = start + <usize>length;
  for (let at = start; at < end; at++) hash = (hash ^ load<u8>(at)) * FACTOR;
  return hash ^ (hash >>> 15);
}
