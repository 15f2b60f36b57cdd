import { z } from 'zod';
import { durationOf, evaluatePromQl, keyOf, type Labels, type Series, without } from './evaluate-promql.js';
import { selectorOf, parsePromQl } from './read-promql.js';

export const alertRules = z.strictObject({
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        rules: z
          .array(
            z.strictObject({
              alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
              expr: z.string().min(1),
              for: z.string().optional(),
              labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
              annotations: z.strictObject({
                summary: z.string().min(1),
                description: z.string().min(1),
                runbook_url: z.string().regex(/^docs\/operations\.md#[a-z-]+$/),
              }),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});
export type AlertRule = z.infer<typeof alertRules>['groups'][number]['rules'][number];

const labels = z.record(z.string(), z.string());

/** The part of `promtool test rules`' format that is used here. */
export const ruleTests = z.strictObject({
  rule_files: z.array(z.string()).min(1),
  evaluation_interval: z.string(),
  tests: z.array(
    z.strictObject({
      name: z.string(),
      interval: z.string(),
      input_series: z.array(z.strictObject({ series: z.string(), values: z.string() })).min(1),
      alert_rule_test: z
        .array(
          z.strictObject({
            eval_time: z.string(),
            alertname: z.string(),
            exp_alerts: z.array(z.strictObject({ exp_labels: labels, exp_annotations: labels })),
          }),
        )
        .min(1),
    }),
  ),
});
export type RuleTest = z.infer<typeof ruleTests>['tests'][number];

export interface FiringAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** `metric{a="b"}` and `0+10x5 7 _ 1x3`, as promtool writes them: a value, then so many more, each a step further. */
export function seriesOf({ series, values }: RuleTest['input_series'][number], stepSeconds: number): Series {
  const { metric, matchers } = selectorOf(parsePromQl(series));
  const points: (readonly [number, number])[] = [];
  let at = 0;
  const add = (value: number | undefined): void => {
    if (value !== undefined) points.push([at, value]);
    at += stepSeconds;
  };
  for (const word of values.split(/\s+/)) {
    const [, start, step, times] = /^(-?[\d.]+|_)([+-][\d.]+)?(?:x(\d+))?$/.exec(word) ?? [];
    if (start === undefined) throw new Error(`${word}: no value`);
    const more = Number(times ?? 0);
    for (let i = 0; i <= more; i += 1) {
      // `_x3` leaves out three, `1x3` gives four.
      if (start !== '_') add(Number(start) + i * Number(step ?? 0));
      else if (times === undefined || i < more) add(undefined);
    }
  }
  return {
    labels: { __name__: metric, ...Object.fromEntries(matchers.map(({ label, value }) => [label, value])) },
    points,
  };
}

/** What fires of a rule at a time, evaluated from the beginning every `everySeconds`. */
export function firing(
  rule: AlertRule,
  series: readonly Series[],
  everySeconds: number,
  atSeconds: number,
): FiringAlert[] {
  const heldFor = rule.for === undefined ? 0 : durationOf(rule.for);
  let active = new Map<string, { since: number; labels: Labels; value: number }>();
  for (let at = 0; at <= atSeconds; at += everySeconds) {
    const found = evaluatePromQl(rule.expr, series, at);
    if (typeof found === 'number') throw new Error(`${rule.alert}: no vector`);
    const before = active;
    active = new Map(
      found.map(({ labels: all, value }) => {
        const own = without(all, ['__name__']);
        const key = keyOf(own);
        return [key, { since: before.get(key)?.since ?? at, labels: own, value }];
      }),
    );
  }
  return [...active.values()]
    .filter(({ since }) => atSeconds - since >= heldFor)
    .map(({ labels: own, value }) => ({
      labels: { ...own, ...rule.labels },
      annotations: Object.fromEntries(
        Object.entries(rule.annotations).map(([name, text]) => [name, rendered(text, own, value)]),
      ),
    }));
}

function rendered(template: string, own: Labels, value: number): string {
  return template.replaceAll(/\{\{([^}]*)\}\}/g, (_whole, inside: string) => {
    const expression = inside.trim();
    if (expression === '$value | humanize') return humanize(value);
    const label = /^\$labels\.(\w+)$/.exec(expression)?.[1];
    if (label === undefined) throw new Error(`${expression}: only $labels.… and $value | humanize are known here`);
    return own[label] ?? '';
  });
}

/** Four digits and an SI prefix, as Prometheus' template function writes. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const isLarge = Math.abs(value) >= 1;
  let [rest, prefix] = [value, ''];
  for (const next of isLarge ? 'kMGTPEZY' : 'mµnpfazy') {
    if (isLarge ? Math.abs(rest) < 1000 : Math.abs(rest) >= 1) break;
    rest = isLarge ? rest / 1000 : rest * 1000;
    prefix = next;
  }
  return `${Number(rest.toPrecision(4))}${prefix}`;
}
