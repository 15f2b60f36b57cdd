import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { StageMetrics } from '../../../src/ingest/stage.metrics.js';
import { testService, type TestService } from '../../harness/service.js';
import { readPromQl } from '../../harness/promql/read-promql.js';
import { alertRules } from '../../harness/promql/rule-tests.js';

const FOLDER = 'dashboards/grafana';
const BOARDS = ['silowatch.json', 'silowatch-pipeline.json', 'silowatch-silo.json'];

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
  'silowatch_jobs state': ['due', 'running', 'later', 'dead'],
  'silowatch_job_seconds_count outcome': ['done', 'failed'],
};

/** The only series of /metrics that name silos: ten at a time. */
const WORST = ['silowatch_worst_lag_records', 'silowatch_worst_lag_seconds'];

/** Added by Prometheus to every series that it scrapes. */
const SCRAPED = ['job', 'instance'];

/** Every PromQL expression of a Grafana board, however deep it lies. */
function expressionsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(expressionsOf);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'expr' && typeof value === 'string' ? [value] : expressionsOf(value),
  );
}

/** Counters whose first count must not be hidden by a series that begins with it. */
const FROM_NOUGHT = [
  'silowatch_reports_total{outcome="received"}',
  'silowatch_pages_total{outcome="failed"}',
  'silowatch_mails_total{kind="page",outcome="refused"}',
  'silowatch_matches_total{level="critical"}',
  'silowatch_alerts_total{level="high"}',
  'silowatch_shadow_alerts_total{level="low"}',
  'silowatch_dead_letters_total{reason="process_died"}',
  'silowatch_duplicates_total{kind="signal"}',
  'silowatch_intake_requests_total{form="bulk",outcome="throttled"}',
  'silowatch_intake_records_total{stream="audit",outcome="rejected"}',
  'silowatch_intake_throttled_total{why="log_silent"}',
];

const read = (file: string): Promise<string> => readFile(path.join(FOLDER, file), 'utf8');

describe('metrics', () => {
  let service: TestService;
  let known: ReadonlyMap<string, { labels: readonly string[]; isHistogram: boolean }>;

  beforeAll(async () => {
    service = await testService();
    const { main, perSilo } = service.platform.metrics;
    known = new Map(
      (
        await Promise.all(
          [main, perSilo].map(async (registry) => ({ registry, all: await registry.getMetricsAsJSON() })),
        )
      )
        .flatMap(({ registry, all }) => all.map((metric) => ({ registry, metric })))
        .map(({ registry, metric: { name, type } }) => {
          const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] };
          return [name, { labels: labelNames, isHistogram: String(type) === 'histogram' }] as const;
        }),
    );
  });

  afterAll(async () => {
    await service.stop();
  });

  const faultsOf = (expression: string): string[] => {
    const { labels, selectors } = readPromQl(expression.replaceAll('$__rate_interval', '5m'));
    if (selectors.length === 0) return [`${expression}: names no metric`];
    const faults: string[] = [];
    const allowed = new Set(SCRAPED);
    for (const { metric: name } of selectors) {
      if (name === 'up') continue;
      const histogram = known.get(name.replace(/_(bucket|sum|count)$/, ''));
      const metric = known.get(name) ?? (histogram?.isHistogram === true ? histogram : undefined);
      if (metric === undefined) faults.push(`${expression}: there is no metric ${name}`);
      for (const label of metric?.labels ?? []) allowed.add(label);
      if (name.endsWith('_bucket')) allowed.add('le');
    }
    const matched = selectors.flatMap(({ metric, matchers }) => matchers.map((matcher) => ({ metric, ...matcher })));
    for (const label of [...labels, ...matched.map((matcher) => matcher.label)]) {
      if (!allowed.has(label)) faults.push(`${expression}: no metric in it has the label ${label}`);
    }
    for (const { metric, label, op, value } of matched) {
      if (label === 'job' || value === '$silo') continue;
      const values = VALUES[`${metric} ${label}`] ?? [];
      const asked = op.endsWith('~') ? value.split('|') : [value];
      faults.push(
        ...asked.filter((one) => !values.includes(one)).map((one) => `${expression}: ${label} is never ${one}`),
      );
    }
    return faults;
  };

  it.each(Object.entries(CONTRACT))('%s exists with exactly its labels', (name, labels) => {
    expect([...(known.get(name)?.labels ?? ['missing'])].sort()).toEqual([...labels].sort());
  });

  it('with the name of a silo are on the page of their own alone, but for the ten worst lags', async () => {
    const { main, perSilo } = service.platform.metrics;
    const labelsOf = (name: string): readonly string[] => known.get(name)?.labels ?? [];
    const named = main.getMetricsAsArray().filter(({ name }) => labelsOf(name).includes('silo'));
    expect(named.map(({ name }) => name)).toEqual(WORST);
    expect(perSilo.getMetricsAsArray().filter(({ name }) => !labelsOf(name).includes('silo'))).toEqual([]);
    const text = await (await fetch(`${service.url}/metrics`)).text();
    for (const name of Object.keys(CONTRACT)) expect(text).toContain(`# TYPE ${name} `);
  });

  it('begin at nought where it is known what they count', async () => {
    const lines = (await (await fetch(`${service.url}/metrics`)).text()).split('\n');
    expect(FROM_NOUGHT.filter((series) => !lines.includes(`${series} 0`))).toEqual([]);
  });

  it('name ten silos at a time however many are behind, and none that has caught up', async () => {
    const stages = service.app.get(StageMetrics, { strict: false });
    const lags = Array.from({ length: 1_000 }, (_, i) => {
      return { tenant: `silo-${i}`, stream: 'access' as const, records: i, seconds: i / 10 };
    });
    const seriesOf = async (page: string, name: string): Promise<string[]> =>
      (await (await fetch(`${service.url}${page}`)).text()).split('\n').filter((line) => line.startsWith(`${name}{`));
    stages.streamLags = lags;
    const worst = await seriesOf('/metrics', 'silowatch_worst_lag_seconds');
    expect(worst).toHaveLength(10);
    expect(worst[0]).toBe('silowatch_worst_lag_seconds{silo="silo-999",stream="access"} 99.9');
    expect(await seriesOf('/metrics/silos', 'silowatch_silo_lag_records')).toHaveLength(1_000);
    stages.streamLags = lags.slice(0, 3);
    expect(await seriesOf('/metrics', 'silowatch_worst_lag_records')).toHaveLength(2);
    expect(await seriesOf('/metrics/silos', 'silowatch_silo_lag_records')).toHaveLength(3);
  });

  it.each(BOARDS)('that the board %s shows exist, with the labels that it groups by', async (file) => {
    const expressions = expressionsOf(JSON.parse(await read(file)));
    expect(expressions.length).toBeGreaterThan(5);
    expect(expressions.flatMap(faultsOf)).toEqual([]);
  });

  it('that the alert rules use exist', async () => {
    const { groups } = alertRules.parse(parse(await read('alerts.yml')));
    expect(groups.flatMap((group) => group.rules).flatMap(({ expr }) => faultsOf(expr))).toEqual([]);
  });

  it('are checked by a reader that sees what is wrong', () => {
    expect(faultsOf('sum by (nothing) (rate(silowatch_matches_total[5m]))')).toHaveLength(1);
    expect(faultsOf('silowatch_no_such_total > 3')).toHaveLength(1);
    expect(faultsOf('increase(silowatch_mails_total{outcome="failed"}[10m])')).toHaveLength(1);
    expect(faultsOf('silowatch_matches_total_bucket')).toHaveLength(1);
  });
});
