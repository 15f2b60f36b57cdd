import { setTimeout } from 'node:timers/promises';
import type { BatchDetection } from '../../../src/detect/batch-detection.service.js';
import type { DetectProgress } from '../../../src/detect/detect-progress.service.js';
import { DetectStage } from '../../../src/detect/detect-stage.service.js';
import { StageMetrics } from '../../../src/ingest/stage.metrics.js';
import { Readiness } from '../../../src/platform/http/readiness.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';
import { ServiceRoles } from '../../../src/platform/roles/service-roles.js';

type Parts = ConstructorParameters<typeof DetectStage>;

describe('a stage whose progress the log refuses', () => {
  let stage: DetectStage;
  let reported = 0;
  let isRefused = true;
  const metrics = new Metrics();
  const ageSeconds = async (): Promise<number> =>
    (await metrics.main.getSingleMetric('silowatch_progress_age_seconds')!.get()).values[0]!.value;
  const untilReported = async (times: number): Promise<void> => {
    while (reported < times) await setTimeout(50);
  };

  beforeAll(async () => {
    const done = (): Promise<void> => Promise.resolve();
    const reader = { positions: () => [], stopped: () => [], close: done };
    const parts = {
      batches: { reportLags: () => Promise.resolve((reported += 1)) } as unknown as BatchDetection,
      config: { get: () => ({ DETECT_GROUPS: 1 }) } as unknown as Parts[1],
      eventLog: { consume: () => Promise.resolve(reader) } as unknown as Parts[2],
      log: { info: () => undefined, warn: () => undefined } as unknown as Parts[3],
      pacing: { look: done } as unknown as Parts[5],
      progress: {
        send: () => (isRefused ? Promise.reject(new Error('too large')) : done()),
      } as unknown as DetectProgress,
      rules: { start: done, stop: () => undefined } as unknown as Parts[8],
      signalsTopic: { ensure: done, confirm: done } as unknown as Parts[9],
      sleep: { stayAwake: () => undefined } as unknown as Parts[10],
      watched: { refresh: done } as unknown as Parts[12],
    };
    stage = new DetectStage(
      parts.batches,
      parts.config,
      parts.eventLog,
      parts.log,
      new StageMetrics(metrics),
      parts.pacing,
      parts.progress,
      new ServiceRoles(['detect']),
      parts.rules,
      parts.signalsTopic,
      parts.sleep,
      {} as unknown as Parts[11],
      parts.watched,
      new Readiness(),
    );
    await stage.onApplicationBootstrap();
  });
  afterAll(async () => {
    await stage.beforeApplicationShutdown();
  });

  it('still reports silos that lag, and says for how long it has told nothing', async () => {
    await untilReported(3);
    expect(await ageSeconds()).toBeGreaterThan(2.5);
    isRefused = false;
    await untilReported(5);
    expect(await ageSeconds()).toBeLessThan(2);
  });
});
