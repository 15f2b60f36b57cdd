import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parse, stringify } from 'yaml';
import { load, type RuleFile } from '../../../src/sigma/index.js';

interface Case {
  readonly title: string;
  readonly detection?: unknown;
  readonly files?: readonly string[];
  readonly placeholders?: Record<string, string[]>;
  readonly matches?: readonly Record<string, unknown>[];
  readonly misses?: readonly Record<string, unknown>[];
  readonly faults?: readonly string[];
  /** Events meet rules by their field `logsource`; otherwise every rule is tried. */
  readonly routed?: true;
  /** The row of docs/sigma.md that the case holds to its word. */
  readonly choice?: string;
}

const fixtures = join(import.meta.dirname, '../../fixtures/sigma');
const tables = ['strings', 'modifiers', 'fields', 'conditions', 'odd', 'files'];

function fileOf(detection: unknown): RuleFile {
  const head = 'title: case\nlogsource: { category: test }\n';
  return {
    path: 'case.yml',
    text: `${head}detection:\n${stringify(detection, { lineWidth: 0 }).replaceAll(/^/gm, '  ')}`,
  };
}

for (const table of tables) {
  describe(table, () => {
    const cases = parse(readFileSync(join(fixtures, `${table}.yml`), 'utf8')) as readonly Case[];
    it.each(cases.map((row) => [row.title, row] as const))('%s', (_title, row) => {
      const files = row.files?.map((text, at) => ({ path: `f${at}.yml`, text })) ?? [fileOf(row.detection)];
      const loaded = load(files, { placeholders: row.placeholders ?? {}, ignoreLogsource: row.routed !== true });
      const faults = loaded.faults.map(({ code, at }) => `${code} ${at.line}:${at.column}`);
      expect(faults).toEqual(row.faults ?? []);
      const holds = (fields: Record<string, unknown>): boolean => {
        const { logsource } = fields as { readonly logsource?: object };
        const matched = loaded.matcher.match({ logsource: logsource ?? undefined, fields });
        const isMatch = matched.length > 0;
        const bytes = Buffer.from(JSON.stringify(fields));
        expect(loaded.matcher.matchJson(bytes, 0, bytes.length)?.length).toBe(matched.length);
        return isMatch;
      };
      expect((row.matches ?? []).filter((event) => !holds(event))).toEqual([]);
      expect((row.misses ?? []).filter(holds)).toEqual([]);
    });
  });
}

describe('the choices that docs/sigma.md states', () => {
  const every = [...tables, 'correlations', 'extensions'].flatMap(
    (table) => parse(readFileSync(join(fixtures, `${table}.yml`), 'utf8')) as readonly Case[],
  );
  const held = new Set(every.flatMap(({ choice }) => choice ?? []));
  const document = readFileSync(join(import.meta.dirname, '../../../docs/sigma.md'), 'utf8');
  const [, section = ''] = document.split('## Where the specification leaves a choice');
  const rows = (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.replaceAll('\\|', '¦').split('|')[1]?.trim() ?? '')
    .slice(2);

  it.each(rows)('%s', (row) => {
    expect([...held]).toContain(row);
  });

  it('are all there: no case speaks of one that is not stated', () => {
    expect([...held].filter((choice) => !rows.includes(choice))).toEqual([]);
  });
});

/** Folder of the community's rules, which are not part of this repository: where it is named, they are held to this as well. */
const community = process.env['SIGMA_RULES'];

if (community !== undefined) {
  describe('the community rules', () => {
    it('load but for faulty files, each named with its place and reason', () => {
      const files = readdirSync(community, { recursive: true })
        .map(String)
        .filter((name) => /\.ya?ml$/.test(name))
        .map((name) => ({ path: name, text: readFileSync(join(community, name), 'utf8') }));
      const { rules, faults } = load(files);
      expect(rules.length).toBeGreaterThan(3000);
      expect(rules.length + new Set(faults.map(({ at }) => at.file)).size).toBeGreaterThanOrEqual(files.length);
      for (const { at, code, message } of faults) {
        expect([at.line > 0, at.column > 0, code !== '', message !== '']).toEqual([true, true, true, true]);
      }
      // Aggregations, which the language no longer has, and placeholders, whose values only a site knows.
      const others = faults.filter(({ code }) => !/^(CONDITION_AGGREGATION|PLACEHOLDER_UNKNOWN)$/.test(code));
      const supported = others.filter(({ at }) => !at.file.includes('unsupported'));
      expect(supported.map(({ at, code }) => `${at.file} ${code}`)).toEqual([]);
    });
  });
}
