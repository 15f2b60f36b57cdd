import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The two registries: `main` is served at /metrics, `perSilo` (series with a silo label) at /metrics/silos alone. */
export class Metrics {
  readonly main = new Registry();
  readonly perSilo = new Registry();

  constructor(options: { process?: boolean } = {}) {
    if (options.process === true) collectDefaultMetrics({ register: this.main });
  }
  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.main] });
  }
  /**
   * Lets a counter's series begin at nought for these values of its labels. One that began with its first count would hide it: `increase`
   * sees what is added to a series, not what it began with.
   */
  beginAtZero<L extends string>(counter: Counter<L>, values: Readonly<Record<L, readonly string[]>>): void {
    let series: Partial<Record<L, string>>[] = [{}];
    for (const [label, all] of Object.entries<readonly string[]>(values)) {
      series = series.flatMap((labels) => all.map((value) => ({ ...labels, [label]: value })));
    }
    for (const labels of series) counter.inc(labels, 0);
  }
  /** With `collect`, filled anew at each scrape: what is not set then is not served. */
  gauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    collect?: (gauge: Gauge<L>) => void,
  ): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.main], ...collected(collect) });
  }
  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [this.main] });
  }
  siloGauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.perSilo], ...collected(collect) });
  }
  siloCounter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.perSilo] });
  }
}

function collected<L extends string>(collect: ((gauge: Gauge<L>) => void | Promise<void>) | undefined): object {
  if (collect === undefined) return {};
  return {
    async collect(this: Gauge<L>): Promise<void> {
      this.reset();
      await collect(this);
    },
  };
}
