/**
 * Finds many literals in one pass over a text. States are numbered times the width of a row, so that a step is one
 * addition and one load; states from `firstHit` on end a literal.
 */
export interface Automaton {
  /** Class of each character code up to 127; the last entry is the class of all that is not ASCII. */
  readonly classes: Uint8Array;
  /** Next state by state + class; -1 (only where `isAnchored`) ends the walk. */
  readonly next: Int32Array;
  readonly firstHit: number;
  readonly width: number;
  /** By hit state: where its values begin in `values`; one entry more than there are hit states. */
  readonly starts: Int32Array;
  readonly values: Int32Array;
}

/** What is found: `value` when `literal` is met; in an anchored automaton only `whole` ones need the text to end there. */
export interface Pattern {
  readonly literal: string;
  readonly value: number;
}

const ASCII = 128;

interface Trie {
  readonly children: Map<number, number>[];
  readonly values: number[][];
}

/** Each character that occurs gets a class; all others share class 0, all that is not ASCII shares one, if it occurs. */
function classify(patterns: readonly Pattern[]): { readonly classes: Uint8Array; readonly width: number } {
  const classes = new Uint8Array(ASCII + 1);
  let width = 1;
  for (const { literal } of patterns) {
    for (let at = 0; at < literal.length; at++) {
      const code = Math.min(literal.charCodeAt(at), ASCII);
      if (classes[code] === 0) classes[code] = width++;
    }
  }
  // The text is not folded before it is read: both cases of a letter have one class.
  for (let code = 65; code <= 90; code++) classes[code] = classes[code + 32] ?? 0;
  return { classes, width };
}

function grow(patterns: readonly Pattern[], classes: Uint8Array): Trie {
  const trie: Trie = { children: [new Map<number, number>()], values: [[]] };
  for (const { literal, value } of patterns) {
    let state = 0;
    for (let at = 0; at < literal.length; at++) {
      const symbol = classes[Math.min(literal.charCodeAt(at), ASCII)] ?? 0;
      const children = trie.children[state];
      let child = children?.get(symbol);
      if (child === undefined) {
        child = trie.children.length;
        children?.set(symbol, child);
        trie.children.push(new Map());
        trie.values.push([]);
      }
      state = child;
    }
    const values = trie.values[state];
    if (values?.includes(value) === false) values.push(value);
  }
  return trie;
}

/** An automaton that walks from the start of a text and ends where no literal goes on. */
export function anchored(patterns: readonly Pattern[]): Automaton {
  const { classes, width } = classify(patterns);
  const trie = grow(patterns, classes);
  const rows = trie.children.map((children) => {
    const row = new Int32Array(width).fill(-1);
    for (const [symbol, child] of children) row[symbol] = child;
    return row;
  });
  return lay(rows, trie.values, classes, width);
}

/** An automaton that meets every literal wherever it stands (Aho and Corasick 1975), as one table of steps. */
export function floating(patterns: readonly Pattern[]): Automaton {
  const { classes, width } = classify(patterns);
  const trie = grow(patterns, classes);
  const rows: Int32Array[] = [];
  const failures = new Int32Array(trie.children.length);
  const queue = [0];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0;
    const failure = failures[state] ?? 0;
    const row = state === 0 ? new Int32Array(width) : Int32Array.from(rows[failure] ?? []);
    if (state !== 0) {
      const values = trie.values[state];
      for (const value of trie.values[failure] ?? []) if (values?.includes(value) === false) values.push(value);
    }
    for (const [symbol, child] of trie.children[state] ?? []) {
      failures[child] = row[symbol] ?? 0;
      row[symbol] = child;
      queue.push(child);
    }
    rows[state] = row;
  }
  return lay(rows, trie.values, classes, width);
}

/** Puts the hit states last and all rows into one table. */
function lay(rows: readonly Int32Array[], values: readonly number[][], classes: Uint8Array, width: number): Automaton {
  const order = rows.map((_, state) => state);
  const isHit = (state: number): boolean => (values[state]?.length ?? 0) > 0;
  const sorted = [...order.filter((state) => !isHit(state)), ...order.filter(isHit)];
  // State 0 has to stay the start; it hits only when an empty literal is sought, which is left to the caller.
  const place = new Int32Array(rows.length);
  for (const [index, state] of sorted.entries()) place[state] = index * width;
  const next = new Int32Array(rows.length * width);
  for (const [state, row] of rows.entries()) {
    const at = place[state] ?? 0;
    for (let symbol = 0; symbol < width; symbol++) {
      const target = row[symbol] ?? 0;
      next[at + symbol] = target === -1 ? -1 : (place[target] ?? 0);
    }
  }
  const hits = sorted.filter(isHit);
  const starts = new Int32Array(hits.length + 1);
  for (const [index, state] of hits.entries()) starts[index + 1] = (starts[index] ?? 0) + (values[state]?.length ?? 0);
  return {
    classes,
    next,
    width,
    firstHit: (rows.length - hits.length) * width,
    starts,
    values: Int32Array.from(hits.flatMap((state) => values[state] ?? [])),
  };
}
