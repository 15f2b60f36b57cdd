import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { durationOf, evaluatePromQl } from '../../harness/promql/evaluate-promql.js';
import { parsePromQl, PromQlError, readPromQl } from '../../harness/promql/read-promql.js';
import { type AlertRule, alertRules, firing, humanize, ruleTests, seriesOf } from '../../harness/promql/rule-tests.js';

const read = (file: string): string => readFileSync(path.join(process.cwd(), file), 'utf8');
const rules = alertRules.parse(parse(read('dashboards/grafana/alerts.yml'))).groups.flatMap((group) => group.rules);
const { tests, evaluation_interval: interval } = ruleTests.parse(parse(read('dashboards/grafana/alerts.tests.yml')));
const ruleNamed = (name: string): AlertRule => rules.find(({ alert }) => alert === name)!;

describe('the alert rules for Prometheus', () => {
  it('have names of their own, and each says where to read on', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const anchors = [...read('docs/operations.md').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = rules.map(({ annotations }) => annotations.runbook_url.split('#')[1]);
    expect(links.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
    expect(links).toEqual(rules.map(({ alert }) => alert.toLowerCase()));
  });

  it('each fire in a test, and are quiet in one', () => {
    const cases = tests.flatMap((test) => test.alert_rule_test);
    const named = (isFiring: boolean): Set<string> =>
      new Set(
        cases.filter(({ exp_alerts: alerts }) => alerts.length > 0 === isFiring).map(({ alertname }) => alertname),
      );
    const names = rules.map(({ alert }) => alert);
    expect(names.filter((name) => !named(true).has(name))).toEqual([]);
    // For the one that looks at a counter's sum over half an hour, the other stage is the quiet one.
    expect(names.filter((name) => !named(false).has(name))).toEqual(['SilowatchRebalancing']);
  });

  it.each(tests)('$name', (test) => {
    const series = test.input_series.map((input) => seriesOf(input, durationOf(test.interval)));
    for (const { eval_time: time, alertname, exp_alerts: expected } of test.alert_rule_test) {
      const found = firing(ruleNamed(alertname), series, durationOf(interval), durationOf(time));
      expect([time, alertname, found]).toEqual([
        time,
        alertname,
        expected.map((alert) => ({ labels: alert.exp_labels, annotations: alert.exp_annotations })),
      ]);
    }
  });
});

describe('the reader of PromQL', () => {
  it('refuses what Prometheus does not parse, and what it does not evaluate', () => {
    for (const expression of ['sum by (a (b)', 'rate(x[5m)', 'a +', '', 'max(a) b']) {
      expect(() => parsePromQl(expression)).toThrow(PromQlError);
    }
    for (const expression of ['avg(a)', 'sum without (a) (b)', 'a offset 5m', 'a > on(b) c', 'irate(a[5m])']) {
      expect(() => evaluatePromQl(expression, [], 0)).toThrow(PromQlError);
    }
  });

  it('names metrics, matchers and labels', () => {
    expect(readPromQl('sum by (kind) (rate(a_total{outcome=~"x|y"}[5m])) / on(kind) b')).toEqual({
      selectors: [
        { metric: 'a_total', matchers: [{ label: 'outcome', op: '=~', value: 'x|y' }] },
        { metric: 'b', matchers: [] },
      ],
      labels: ['kind', 'kind'],
    });
  });

  it('reckons as Prometheus does', () => {
    const steady = [seriesOf({ series: 'c{a="1"}', values: '0+6x20' }, 60)];
    expect(evaluatePromQl('increase(c[10m])', steady, 1_200)).toEqual([{ labels: { a: '1' }, value: 60 }]);
    // Two stretches of 54 within 1,140 s, and a step more on the side where the range goes on.
    const reset = [seriesOf({ series: 'c', values: '0+6x10 0+6x10' }, 60)];
    const value = expect.closeTo((108 * 1_200) / 1_140, 9) as number;
    expect(evaluatePromQl('sum(increase(c[20m]))', reset, 1_200)).toEqual([{ labels: {}, value }]);
    expect(evaluatePromQl('c', steady, 1_200 + 300)).toEqual([]);
    expect([2.5e9, 0.75, 150, 0, 29.6].map(humanize)).toEqual(['2.5G', '750m', '150', '0', '29.6']);
  });
});
