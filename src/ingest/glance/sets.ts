import { SET_BYTES, SET_COUNT } from '../formats/glance-layout';

/** Filled by who asks. */
const SETS: usize = memory.data(SET_COUNT * SET_BYTES, 16);

export function sets(): usize {
  return SETS;
}

/** Where the characters of the set end that begin at `at`; `end` at the latest. */
export function spanOf(set: i32, at: usize, end: usize): usize {
  const low = v128.load(SETS + <usize>(set * SET_BYTES));
  const high = v128.load(SETS + <usize>(set * SET_BYTES + 16));
  const zero = i32x4.splat(0);
  for (let from = at; from < end; from += 16) {
    const chars = v128.load(from);
    const rows = i8x16.swizzle(low, v128.and(chars, i8x16.splat(0x0f)));
    const row = i8x16.swizzle(high, i8x16.shr_u(chars, 4));
    const others = i8x16.bitmask(i8x16.eq(v128.and(rows, row), zero));
    if (others !== 0) return min(from + <usize>ctz(others), end);
  }
  return end;
}

export function hasTwoDots(at: usize, end: usize): bool {
  const dot = i8x16.splat(0x2e);
  for (let from = at; from + 1 < end; from += 16) {
    const twice = v128.and(i8x16.eq(v128.load(from), dot), i8x16.eq(v128.load(from + 1), dot));
    if (within(i8x16.bitmask(twice), from, end - 1) !== 0) return true;
  }
  return false;
}

/** The bits of sixteen characters from `from` on, without those from `end` on. */
function within(bits: i32, from: usize, end: usize): i32 {
  const left = <i32>(end - from);
  return left < 16 ? bits & ((1 << left) - 1) : bits;
}

/** Whether `..`, `--`, `//` or `x2`, as in `0x2e`, stands in the stretch. */
export function hasOddRun(at: usize, end: usize): bool {
  for (let from = at; from + 1 < end; from += 16) {
    const chars = v128.load(from);
    const next = v128.load(from + 1);
    const sign = v128.or(
      v128.or(i8x16.eq(chars, i8x16.splat(0x2e)), i8x16.eq(chars, i8x16.splat(0x2d))),
      i8x16.eq(chars, i8x16.splat(0x2f)),
    );
    const twice = v128.and(sign, i8x16.eq(chars, next));
    const hex = v128.and(i8x16.eq(chars, i8x16.splat(0x78)), i8x16.eq(next, i8x16.splat(0x32)));
    if (within(i8x16.bitmask(v128.or(twice, hex)), from, end - 1) !== 0) return true;
  }
  return false;
}
