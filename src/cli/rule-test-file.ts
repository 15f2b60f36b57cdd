import { parse } from 'yaml';
import { z } from 'zod';

/** `90s`, `10m`, `2h`, `1d`. */
const span = z
  .string()
  .regex(/^\d{1,6}(?:ms|s|m|h|d)$/, 'takes a span such as 90s, 10m, 2h or 1d')
  .transform((text) => Number.parseInt(text, 10) * (UNITS[text.replace(/^\d+/, '')] ?? NaN));

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const scalars = z.union([z.string(), z.number()]);

/** One record, or a row of them; `{n}` in its texts becomes 1, 2, 3 … */
const recordSchema = z.strictObject({
  /** A line as it stands in a log. */
  raw: z.string().optional(),
  /** A request, written as a line of the combined format. */
  access: z
    .strictObject({
      uri: z.string(),
      method: z.string().default('GET'),
      status: z.number().default(200),
      bytes: z.number().default(512),
      ip: z.string().default('203.0.113.9'),
      agent: z.string().default('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'),
      referer: z.string().default('-'),
    })
    .optional(),
  /** An audit record; version, id, time and, where left out, outcome and actor are filled in. */
  audit: z.looseObject({ action: z.string() }).optional(),
  /** A line of syslog. */
  syslog: z.strictObject({ program: z.string(), message: z.string(), host: z.string().default('db-1') }).optional(),
  /** An event as rules see it, for log sources that have no format here. */
  event: z
    .strictObject({
      logsource: z.record(z.string(), z.string()).default({}),
      fields: z.record(z.string(), z.unknown()),
    })
    .optional(),
  /** Time since the first record; by default one second after the one before. */
  at: span.optional(),
  repeat: z.number().int().min(1).max(100_000).default(1),
  /** Time between repeats. */
  every: span.default(1000),
});

export type TestRecord = z.output<typeof recordSchema>;

const KINDS = ['raw', 'access', 'audit', 'syslog', 'event'] as const;

const oneKind = recordSchema.refine(
  (record) => KINDS.filter((kind) => record[kind] !== undefined).length === 1,
  `a record is exactly one of ${KINDS.join(', ')}`,
);

const caseSchema = z.strictObject({
  title: z.string(),
  /** Which rule or correlation of the file is meant, by name or id; needed where the file has several that alert. */
  rule: scalars.optional(),
  records: z.array(oneKind).min(1),
});

export type TestCase = z.output<typeof caseSchema>;

const fileSchema = z.strictObject({
  /** Each must raise an alert. */
  finds: z.array(caseSchema).default([]),
  /** None may: near misses above all. */
  ignores: z.array(caseSchema).default([]),
});

export type TestFile = z.output<typeof fileSchema>;

/** Reads `x.tests.yml`; faults are lines for its author. */
export function readTestFile(text: string): { ok: true; tests: TestFile } | { ok: false; faults: string[] } {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    return { ok: false, faults: [error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)] };
  }
  const result = fileSchema.safeParse(document);
  if (result.success) return { ok: true, tests: result.data };
  return { ok: false, faults: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}
