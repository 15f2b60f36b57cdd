import { findAll, parsePromQl, PromQlError, type PromQlNode, selectorOf } from './read-promql.js';

export type Labels = Readonly<Record<string, string>>;
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}
/** Values by their time in seconds, ascending. */
export interface Series {
  readonly labels: Labels;
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

type Vector = readonly Sample[];
type Value = Vector | number;

/** An instant sees the last value of so long. */
const LOOKBACK_S = 300;

/**
 * The part of PromQL that this project's alert rules use, with Prometheus' own semantics (its documentation, and promql/functions.go for the
 * extrapolation of `rate`): anything else is refused, so that a rule which needs more cannot seem to pass.
 */
export function evaluatePromQl(expression: string, series: readonly Series[], atSeconds: number): Value {
  return new Evaluation(series, atSeconds).value(parsePromQl(expression));
}

class Evaluation {
  readonly #series: readonly Series[];
  readonly #at: number;

  constructor(series: readonly Series[], at: number) {
    this.#series = series;
    this.#at = at;
  }

  value(node: PromQlNode): Value {
    switch (node.name) {
      case 'NumberDurationLiteral':
        return numberOf(node.text);
      case 'ParenExpr':
        return this.value(first(node));
      case 'VectorSelector':
        return this.#instant(node);
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'FunctionCall':
        return this.#call(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        throw new PromQlError(`${node.text}: ${node.name} is not evaluated here`);
    }
  }

  #vector(node: PromQlNode): Vector {
    const value = this.value(node);
    if (typeof value === 'number') throw new PromQlError(`${node.text}: a vector is needed`);
    return value;
  }

  #select(node: PromQlNode): readonly Series[] {
    const { metric, matchers } = selectorOf(node);
    return this.#series.filter(
      ({ labels }) =>
        labels['__name__'] === metric &&
        matchers.every(({ label, op, value }) => {
          const actual = labels[label] ?? '';
          const isMatch = op.endsWith('~') ? new RegExp(`^(?:${value})$`).test(actual) : actual === value;
          return op.startsWith('!') ? !isMatch : isMatch;
        }),
    );
  }

  #instant(node: PromQlNode): Vector {
    return this.#select(node).flatMap(({ labels, points }) => {
      const point = points.findLast(([at]) => at <= this.#at && at > this.#at - LOOKBACK_S);
      return point === undefined ? [] : [{ labels, value: point[1] }];
    });
  }

  #call(node: PromQlNode): Value {
    const name = findAll(node, 'FunctionIdentifier')[0]?.text;
    const args = node.children.find((child) => child.name === 'FunctionCallBody')?.children ?? [];
    const [one, two] = args;
    if (name === 'histogram_quantile' && one !== undefined && two !== undefined) {
      return histogramQuantile(Number(this.value(one)), this.#vector(two));
    }
    if ((name === 'rate' || name === 'increase') && one?.name === 'MatrixSelector')
      return this.#extrapolated(one, name);
    throw new PromQlError(`${node.text}: ${name ?? 'this function'} is not evaluated here`);
  }

  #extrapolated(node: PromQlNode, name: 'rate' | 'increase'): Vector {
    const range = durationOf(findAll(node, 'DurationExpr')[0]?.text ?? '');
    return this.#select(first(node)).flatMap(({ labels, points }) => {
      const inside = points.filter(([at]) => at > this.#at - range && at <= this.#at);
      const grown = increaseOf(inside, this.#at - range, this.#at);
      if (grown === undefined) return [];
      return [{ labels: without(labels, ['__name__']), value: name === 'rate' ? grown / range : grown }];
    });
  }

  #aggregate(node: PromQlNode): Vector {
    const op = findAll(node, 'AggregateOp')[0]?.text ?? '';
    if (op !== 'sum' && op !== 'max') throw new PromQlError(`${node.text}: ${op} is not evaluated here`);
    const by = node.children.find((child) => child.name === 'AggregateModifier');
    if (by !== undefined && by.children[0]?.name !== 'By') throw new PromQlError(`${by.text} is not evaluated here`);
    const names = by === undefined ? [] : findAll(by, 'LabelName').map(({ text }) => text);
    const body = node.children.find((child) => child.name === 'FunctionCallBody');
    if (body?.children.length !== 1 || body.children[0] === undefined)
      throw new PromQlError(`${node.text}: one operand`);
    const groups = Map.groupBy(this.#vector(body.children[0]), ({ labels }) => keyOf(only(labels, names)));
    return [...groups.values()].map((samples) => {
      const values = samples.map(({ value }) => value);
      const labels = only(samples[0]?.labels ?? {}, names);
      if (op === 'sum') return { labels, value: values.reduce((sum, value) => sum + value, 0) };
      return { labels, value: Math.max(...values) };
    });
  }

  #binary(node: PromQlNode): Value {
    const [left, op, right, ...more] = node.children;
    if (left === undefined || op === undefined || right === undefined || more.length > 0) {
      throw new PromQlError(`${node.text}: modifiers are not evaluated here`);
    }
    const vector = this.#vector(left);
    if (op.name === 'And') {
      const keys = new Set(this.#vector(right).map(({ labels }) => keyOf(without(labels, ['__name__']))));
      return vector.filter(({ labels }) => keys.has(keyOf(without(labels, ['__name__']))));
    }
    const limit = this.value(right);
    const holds = { Gtr: (a: number, b: number) => a > b, Eql: (a: number, b: number) => a === b }[op.name];
    if (typeof limit !== 'number' || holds === undefined) throw new PromQlError(`${node.text} is not evaluated here`);
    return vector.filter(({ value }) => holds(value, limit));
  }
}

/** `increase`: resets added, then extrapolated to the ends of the range as far as half a step, or the whole way where samples reach close to them. */
function increaseOf(points: Series['points'], start: number, end: number): number | undefined {
  const [head, tail] = [points[0], points.at(-1)];
  if (head === undefined || tail === undefined || points.length < 2) return undefined;
  let grown = tail[1] - head[1];
  points.forEach(([, value], i) => {
    const before = points[i - 1]?.[1] ?? value;
    if (value < before) grown += before;
  });
  const sampled = tail[0] - head[0];
  const step = sampled / (points.length - 1);
  let toStart = head[0] - start;
  let toEnd = end - tail[0];
  if (toStart >= step * 1.1) toStart = step / 2;
  // A counter is never below nought: it is not extrapolated to before it began.
  if (grown > 0 && head[1] >= 0) toStart = Math.min(toStart, sampled * (head[1] / grown));
  if (toEnd >= step * 1.1) toEnd = step / 2;
  return grown * ((sampled + toStart + toEnd) / sampled);
}

/** Linear within the bucket (docs: histogram_quantile, classic histograms). */
function histogramQuantile(quantile: number, vector: Vector): Vector {
  const groups = Map.groupBy(vector, ({ labels }) => keyOf(without(labels, ['le', '__name__'])));
  return [...groups.values()].flatMap((samples) => {
    const buckets = samples
      .map(({ labels, value }) => ({ le: numberOf(labels['le'] ?? ''), count: value }))
      .sort((a, b) => a.le - b.le);
    const total = buckets.at(-1)?.count ?? 0;
    if (buckets.length < 2 || total === 0) return [];
    const rank = quantile * total;
    const index = buckets.findIndex(({ count }) => count >= rank);
    const [bucket, below] = [buckets[index], buckets[index - 1]];
    const labels = without(samples[0]?.labels ?? {}, ['le', '__name__']);
    if (bucket === undefined || bucket.le === Infinity) return [{ labels, value: below?.le ?? NaN }];
    const [from, counted] = [below?.le ?? 0, below?.count ?? 0];
    return [{ labels, value: from + (bucket.le - from) * ((rank - counted) / (bucket.count - counted)) }];
  });
}

const first = (node: PromQlNode): PromQlNode => {
  const [child] = node.children;
  if (child === undefined) throw new PromQlError(`${node.text}: empty`);
  return child;
};

const numberOf = (text: string): number => (text === '+Inf' ? Infinity : Number(text));

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `90s`, `10m`, `1h30m`, in seconds. */
export function durationOf(text: string): number {
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  if (parts.map(([part]) => part).join('') !== text || text === '') throw new PromQlError(`${text}: no duration`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
}

export const without = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
const only = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
export const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
