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
