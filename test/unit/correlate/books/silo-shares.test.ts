import { SiloShares } from '../../../../src/correlate/books/silo-shares.service.js';
import { StageMetrics } from '../../../../src/ingest/stage.metrics.js';
import { Metrics } from '../../../../src/platform/metrics/metrics.js';

describe('what counting cost each silo', () => {
  it('is told once, and again together with what came since where it could not be told', () => {
    const shares = new SiloShares(new StageMetrics(new Metrics()));
    shares.shareOut(['a', 'a', 'b', 'a'], 0.4);
    const first = shares.take();
    expect([...first]).toEqual([
      ['a', { signals: 3, seconds: expect.closeTo(0.3) }],
      ['b', { signals: 1, seconds: expect.closeTo(0.1) }],
    ]);
    expect(shares.take().size).toBe(0);
    shares.shareOut(['b', 'c'], 0.2);
    shares.giveBack(first);
    expect(new Map(shares.take())).toEqual(
      new Map([
        ['a', { signals: 3, seconds: expect.closeTo(0.3) }],
        ['b', { signals: 2, seconds: expect.closeTo(0.2) }],
        ['c', { signals: 1, seconds: expect.closeTo(0.1) }],
      ]),
    );
  });
});
