import fc from 'fast-check';
import { stringify } from 'yaml';
import { type Node } from '../../../src/sigma/parse/node.js';
import { readPlainYaml } from '../../../src/sigma/parse/plain-yaml.js';
import { Report, Source } from '../../../src/sigma/parse/report.js';
import { readAnyYaml } from '../../../src/sigma/parse/yaml.js';

function byFullParser(text: string): { readonly nodes: readonly Node[]; readonly faults: number } {
  const report = new Report(new Source('file', text));
  return { nodes: readAnyYaml(text, report), faults: report.faults.length };
}

/** Lines and parts of lines in which YAML has its corners. */
const pieces = fc.constantFrom(
  ...[
    'a: b',
    'key|contains: x',
    'a:',
    'b: ',
    '- ',
    '- a',
    '- a: b',
    '-',
    '- - a',
    '  ',
    '    ',
    '\n',
    '\n\n',
    '# c',
    ' # c',
    ' # c: d',
    '#',
    ':',
    ': ',
  ],
  ...[
    "'it''s'",
    "a: 'b' # c",
    "a: 'b'c",
    '"q"',
    'a: "q\\n"',
    'a: |',
    'a: >',
    'a: |-',
    'text',
    '  text',
    'a: [x, y]',
    '[x]',
    'a: [ x.y,1 , null, a/b-c ] # d',
    'a: [x, ]',
    'a: []',
    "'|all':",
    '"|all":',
    "'a\tb' # \t",
    "- 'x': y",
    ':x',
    '- :x',
    'a: b\n  c',
    'a: b\n  c\u00a0 ',
    'a:\n    (b\n  c)',
    'a: b\n\n   c',
    "'k''x': y",
    "- 'k': y",
    "'k' : y",
    'a: "\\\\q\\""',
    'a: "q\\" # c',
    'a: "\\t\\u00e9\\ud800\\/"',
    'a: "\\u00e"',
    'a: "\\x41"',
    '{ a: b }',
    '&x',
    '*x',
    '!t',
  ],
  ...[
    '007',
    '1.0',
    '-1',
    '0x1F',
    '1e3',
    '.5',
    '-0',
    '9007199254740993',
    'true',
    'No',
    'null',
    '~',
    '.inf',
    '2026-03-01',
    '<<: x',
  ],
  ...[
    '---',
    '---\n',
    '\n---\n',
    '\n---\na: b\n',
    '--- a',
    '...',
    '%',
    '\t',
    '\r',
    '\ufeff',
    '\u00a0',
    'é',
    '?',
    '? a',
    '@',
    '`',
    '- "a: b"',
    'a: b: c',
    'a : b',
    'true: x',
    '1: x',
    '_x: y',
  ],
);
const scalars = fc.oneof(
  pieces,
  fc.string({ unit: fc.constantFrom('a', ' ', '#', ':', "'", '"', '-', '\\', '\n', '0', 'é'), maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const keys = fc.oneof(fc.constantFrom('title', 'f|re', 'sel_1', 'c-uri', 'x y'), fc.string({ maxLength: 4 }));
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const files = fc
  .tuple(fc.dictionary(keys, values, { minKeys: 1, maxKeys: 4 }), fc.boolean())
  .map(([value, isIndented]) => stringify(value, { lineWidth: 0, indentSeq: isIndented }));
/** A place, how many characters go there, and what comes instead. */
const changes = fc.record({
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(3),
  put: fc.oneof(pieces, fc.constant('')),
});

describe('the reader of plain YAML', () => {
  it('gives what the full parser gives, places included, or leaves the file to it', () => {
    let read = 0;
    fc.assert(
      fc.property(files, fc.array(changes, { maxLength: 2 }), (file, list) => {
        const text = list.reduce((old, { share, removed, put }) => {
          const at = Math.floor(share * old.length);
          return old.slice(0, at) + put + old.slice(at + removed);
        }, file);
        const plain = readPlainYaml(text);
        if (plain === undefined) return;
        read += 1;
        expect({ nodes: plain, faults: 0 }).toEqual(byFullParser(text));
      }),
      { numRuns: 6_000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  it.each([
    ['a duplicate key', 'a: 1\na: 2\n'],
    ['a list in brackets that holds more than words', 'a: [1, "b"]\n'],
    ['a map in braces', 'a: { b: 1 }\n'],
    ['an escape that JSON lacks', 'a: "\\x41"\n'],
    ['a text in quotes over two lines', "a: 'b\n  c'\n"],
    ['a comment within a scalar over two lines', 'a: b\n  # c\n  d\n'],
    ['an anchor', 'a: &x 1\n'],
    ['a document that begins on the line of its marker', 'a: 1\n--- b: 2\n'],
    ['the end of a document', 'a: 1\n...\n'],
    ['a tab', 'a:\tb\n'],
    ['a deep nesting', Array.from({ length: 70 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('leaves %s to the full parser', (_title, text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });
});
