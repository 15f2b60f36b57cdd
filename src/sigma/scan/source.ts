import { ARRAY, OBJECT, TOKEN_BYTES, TOKEN_END, TOKEN_KIND, TOKEN_MARK, TOKEN_START } from '../match/layout';

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
