import { FaultRun, type Fault } from '../../faults/fault-run.js';

const QUICK: readonly Fault[] = [
  'service killed',
  'broker killed',
  'Postgres killed',
  'service frozen',
  'instance added or removed',
  'rules changed',
];

/** The long one, with all faults and freezes past every time-out, is `npm run test:faults`. */
describe('the whole service under faults', () => {
  it('loses and doubles nothing', async () => {
    const report = await FaultRun.run({ seed: 1, seconds: 15, faults: QUICK, freezeMs: 3_000, say: () => undefined });
    expect({ lost: report.lost, doubled: report.doubled }).toEqual({ lost: [], doubled: [] });
    expect(Object.values(report.survived).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(1);
    expect(report.stories).toBeGreaterThan(10);
    expect(report.mails).toBeGreaterThan(10);
  }, 240_000);
});
