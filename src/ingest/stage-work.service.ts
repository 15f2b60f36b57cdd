import { Injectable } from '@nestjs/common';
import type { Histogram } from 'prom-client';
import { StageMetrics } from './stage.metrics.js';

export type Stage = 'detect' | 'correlate';

/** What is timed of a stage: its batches, the parts of them, and partitions moving. */
export const STAGE_STEPS = {
  detect: ['batch', 'match', 'send', 'rebalance'],
  correlate: ['batch', 'commit', 'relay', 'rebalance'],
} as const satisfies Record<Stage, readonly string[]>;

/** How often a stage did something, and how long that took in all. */
export interface StepWork {
  readonly step: string;
  readonly times: number;
  readonly seconds: number;
}

/** What this instance's stages did between two tellings. The histograms count it anyhow: batches cost nothing more. */
@Injectable()
export class StageWork {
  private readonly told = new Map<string, Omit<StepWork, 'step'>>();

  constructor(private readonly metrics: StageMetrics) {}

  /** What was not taken before, without steps at which nothing happened. */
  async take(stage: Stage): Promise<readonly StepWork[]> {
    const { batchSeconds, stepSeconds, rebalanceSeconds } = this.metrics;
    const totals = new Map([
      ['batch', await totalOf(batchSeconds, { stage })],
      ['rebalance', await totalOf(rebalanceSeconds, { stage })],
    ]);
    for (const step of STAGE_STEPS[stage]) {
      if (!totals.has(step)) totals.set(step, await totalOf(stepSeconds, { stage, step }));
    }
    const work: StepWork[] = [];
    for (const [step, { times, seconds }] of totals) {
      const before = this.told.get(`${stage} ${step}`) ?? { times: 0, seconds: 0 };
      this.told.set(`${stage} ${step}`, { times, seconds });
      if (times > before.times) work.push({ step, times: times - before.times, seconds: seconds - before.seconds });
    }
    return work;
  }

  /** Could not be told: it is taken again the next time. */
  giveBack(stage: Stage, work: readonly StepWork[]): void {
    for (const { step, times, seconds } of work) {
      const told = this.told.get(`${stage} ${step}`) ?? { times: 0, seconds: 0 };
      this.told.set(`${stage} ${step}`, { times: told.times - times, seconds: told.seconds - seconds });
    }
  }
}

/** Sums up by step. */
export function addWork(older: readonly StepWork[], newer: readonly StepWork[]): StepWork[] {
  const sums = new Map<string, StepWork>();
  for (const { step, times, seconds } of [...older, ...newer]) {
    const sum = sums.get(step);
    sums.set(step, { step, times: times + (sum?.times ?? 0), seconds: seconds + (sum?.seconds ?? 0) });
  }
  return [...sums.values()];
}

async function totalOf<L extends string>(
  histogram: Histogram<L>,
  labels: Readonly<Partial<Record<L, string>>>,
): Promise<Omit<StepWork, 'step'>> {
  let [times, seconds] = [0, 0];
  for (const { metricName = '', labels: has, value } of (await histogram.get()).values) {
    const isIt = Object.entries(labels).every(([name, wanted]) => has[name as L] === wanted);
    if (isIt && metricName.endsWith('_count')) times = value;
    if (isIt && metricName.endsWith('_sum')) seconds = value;
  }
  return { times, seconds };
}
