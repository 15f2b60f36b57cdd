import type { Gauge, Histogram } from 'prom-client';
import type { Metrics } from '../metrics/metrics.js';

export const JOB_STATES = ['due', 'running', 'later', 'dead'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How the queue of background work stands. Measured where jobs run. */
export class JobMetrics {
  readonly jobs: Gauge<'state'>;
  readonly oldestDueSeconds: Gauge;
  readonly runSeconds: Histogram<'job' | 'outcome'>;

  constructor(metrics: Metrics) {
    this.jobs = metrics.gauge('silowatch_jobs', 'Jobs in the queue: due, running, for later, dead after the last try', [
      'state',
    ]);
    const age = 'For how long the job that waits longest has been due';
    this.oldestDueSeconds = metrics.gauge('silowatch_jobs_oldest_due_seconds', age);
    this.runSeconds = metrics.histogram(
      'silowatch_job_seconds',
      'Time that one try of a job takes',
      [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      ['job', 'outcome'],
    );
  }
}
