import { addWork, StageWork } from '../../../src/ingest/stage-work.service.js';
import { StageMetrics } from '../../../src/ingest/stage.metrics.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';

describe('the work of a stage', () => {
  const metrics = new StageMetrics(new Metrics());
  const work = new StageWork(metrics);

  it('is taken once, and again where it could not be told', async () => {
    expect(await work.take('detect')).toEqual([]);
    metrics.batchSeconds.observe({ stage: 'detect' }, 0.5);
    metrics.stepSeconds.observe({ stage: 'detect', step: 'match' }, 0.25);
    metrics.batchSeconds.observe({ stage: 'correlate' }, 4);
    const first = await work.take('detect');
    expect(first).toEqual([
      { step: 'batch', times: 1, seconds: 0.5 },
      { step: 'match', times: 1, seconds: 0.25 },
    ]);
    expect(await work.take('detect')).toEqual([]);
    work.giveBack('detect', first);
    metrics.batchSeconds.observe({ stage: 'detect' }, 1);
    expect(await work.take('detect')).toEqual([
      { step: 'batch', times: 2, seconds: 1.5 },
      { step: 'match', times: 1, seconds: 0.25 },
    ]);
    expect(await work.take('correlate')).toEqual([{ step: 'batch', times: 1, seconds: 4 }]);
  });

  it('adds up by step', () => {
    const one = { step: 'send', times: 1, seconds: 0.5 };
    expect(addWork([one], [{ step: 'match', times: 2, seconds: 1 }, one])).toEqual([
      { step: 'send', times: 2, seconds: 1 },
      { step: 'match', times: 2, seconds: 1 },
    ]);
  });
});
