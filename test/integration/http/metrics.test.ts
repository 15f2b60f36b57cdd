import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { testService, type TestService } from '../../harness/service.js';
import { readPromQl } from './read-promql.js';

const FOLDER = 'dashboards/grafana';

/** What others may build on: names and labels to the letter (a histogram's `le` besides). */
const CONTRACT: Readonly<Record<string, readonly string[]>> = {
  silowatch_events_total: ['stream', 'outcome'],
  silowatch_matches_total: ['level'],
  silowatch_alerts_total: ['level'],
  silowatch_incidents_open: ['severity'],
  silowatch_pages_total: ['outcome'],
  silowatch_mails_total: ['kind', 'outcome'],
  silowatch_dead_letters_total: ['reason'],
  silowatch_lag_records: ['stage'],
  silowatch_record_to_alert_seconds: [],
  silowatch_record_to_page_seconds: [],
  silowatch_reports_total: ['outcome'],
};

/** Values that the code gives these labels: a selector for another one never matches. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'silowatch_pages_total outcome': ['sent', 'sent_late', 'failed', 'expired', 'acknowledged'],
  'silowatch_mails_total outcome': ['sent', 'refused', 'unavailable'],
};

/** Added by Prometheus to every series that it scrapes. */
const SCRAPED = ['job', 'instance'];

const alertRules = z.strictObject({
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        interval: z.string().optional(),
        rules: z
          .array(
            z.strictObject({
              alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
              expr: z.string().min(1),
              for: z
                .string()
                .regex(/^\d+[smhd]$/)
                .optional(),
              labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
              annotations: z.strictObject({ summary: z.string().min(1), action: z.string().min(1) }),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});

/** Every PromQL expression of a Grafana board, however deep it lies. */
function expressionsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(expressionsOf);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'expr' && typeof value === 'string' ? [value] : expressionsOf(value),
  );
}

const read = (file: string): Promise<string> => readFile(path.join(FOLDER, file), 'utf8');

describe('metrics', () => {
  let service: TestService;
  let known: ReadonlyMap<string, { labels: readonly string[]; isHistogram: boolean }>;

  beforeAll(async () => {
    service = await testService();
    const { main } = service.platform.metrics;
    known = new Map(
      (await main.getMetricsAsJSON()).map(({ name, type }) => {
        const { labelNames } = main.getSingleMetric(name) as unknown as { labelNames: readonly string[] };
        return [name, { labels: labelNames, isHistogram: String(type) === 'histogram' }] as const;
      }),
    );
  });

  afterAll(async () => {
    await service.stop();
  });

  const faultsOf = (expression: string): string[] => {
    const { metrics, labels, selectors } = readPromQl(expression);
    if (metrics.length === 0) return [`${expression}: names no metric`];
    const faults: string[] = [];
    const allowed = new Set(SCRAPED);
    for (const name of metrics) {
      if (name === 'up') continue;
      const histogram = known.get(name.replace(/_(bucket|sum|count)$/, ''));
      const metric = known.get(name) ?? (histogram?.isHistogram === true ? histogram : undefined);
      if (metric === undefined) faults.push(`${expression}: there is no metric ${name}`);
      for (const label of metric?.labels ?? []) allowed.add(label);
      if (name.endsWith('_bucket')) allowed.add('le');
    }
    for (const label of [...labels, ...selectors.map((selector) => selector.label)]) {
      if (!allowed.has(label)) faults.push(`${expression}: no metric in it has the label ${label}`);
    }
    for (const { metric, label, value } of selectors) {
      if (label === 'job') continue;
      const values = VALUES[`${metric} ${label}`] ?? [];
      if (!values.includes(value)) faults.push(`${expression}: ${label} is never ${value}`);
    }
    return faults;
  };

  it.each(Object.entries(CONTRACT))('%s exists with exactly its labels', (name, labels) => {
    expect([...(known.get(name)?.labels ?? ['missing'])].sort()).toEqual([...labels].sort());
  });

  it('with the name of a silo are on the page of their own alone', async () => {
    const { main, perSilo } = service.platform.metrics;
    const labelsOf = (name: string): readonly string[] => known.get(name)?.labels ?? [];
    expect(main.getMetricsAsArray().filter(({ name }) => labelsOf(name).includes('silo'))).toEqual([]);
    expect(perSilo.getMetricsAsArray().length).toBeGreaterThan(0);
    const text = await (await fetch(`${service.url}/metrics`)).text();
    for (const name of Object.keys(CONTRACT)) expect(text).toContain(`# TYPE ${name} `);
  });

  it('that the Grafana board shows exist, with the labels that it groups by', async () => {
    const expressions = expressionsOf(JSON.parse(await read('silowatch.json')));
    expect(expressions.length).toBeGreaterThan(10);
    expect(expressions.flatMap(faultsOf)).toEqual([]);
  });

  it('that the alert rules use exist, and every rule says what is wrong and what to do', async () => {
    const { groups } = alertRules.parse(parse(await read('alerts.yml')));
    const rules = groups.flatMap((group) => group.rules);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(rules.flatMap(({ expr }) => faultsOf(expr))).toEqual([]);
  });

  it('are checked by a reader that sees what is wrong', () => {
    expect(faultsOf('sum by (nothing) (rate(silowatch_matches_total[5m]))')).toHaveLength(1);
    expect(faultsOf('silowatch_no_such_total > 3')).toHaveLength(1);
    expect(faultsOf('increase(silowatch_mails_total{outcome="failed"}[10m])')).toHaveLength(1);
    expect(faultsOf('silowatch_matches_total_bucket')).toHaveLength(1);
  });
});
