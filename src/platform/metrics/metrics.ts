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
  gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.main] });
  }
  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [this.main] });
  }
  siloGauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.perSilo] });
  }
  siloCounter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.perSilo] });
  }
}
