import { FaultRun } from '../../faults/fault-run.js';

describe('the service with its broker and its database', () => {
  it('loses and doubles nothing when each is killed, partitions move, rules change and a sleeper wakes', async () => {
    const report = await FaultRun.run({
      seed: 20_261_127,
      faults: [
        'service killed',
        'broker killed',
        'instance added or removed',
        'service killed',
        'Postgres killed',
        'rules changed',
        'service frozen',
      ],
      // Beyond the group's session.
      freezeMs: 16_000,
      say: () => undefined,
    });
    expect(report.lost).toEqual([]);
    expect(report.doubled).toEqual([]);
    expect(report.stories).toBeGreaterThan(10);
  }, 480_000);
});
