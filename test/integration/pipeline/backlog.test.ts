import { PipelineFixture } from './fixture.js';
import { auditRecord, onStream } from './records.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe('a backlog of hours', () => {
  let fixture: PipelineFixture;
  beforeAll(async () => {
    fixture = await PipelineFixture.open('embedded');
  });
  afterAll(() => fixture.close());

  it('gives the alerts that the live stream would have given, also of correlations that others feed', async () => {
    const tenant = await fixture.addSilo();
    const startMs = Date.now() - 6 * HOUR;
    const signIn = (afterMs: number, outcome: 'success' | 'failure', ip: string): string =>
      auditRecord({ time: new Date(startMs + afterMs), outcome, ip });
    const hourly = (ip: string): string[] =>
      [1, 2, 3, 4, 5].map((hours) => signIn(hours * HOUR + 30 * MINUTE, 'success', ip));
    const guessed = '192.0.2.10';
    const gaveUp = '192.0.2.11';
    const failures = (ip: string): string[] => [1, 2, 3].map((minute) => signIn(minute * MINUTE, 'failure', ip));
    await fixture.log.append(
      onStream(tenant, 'audit', [
        ...failures(guessed),
        signIn(5 * MINUTE, 'success', guessed),
        ...hourly(guessed),
        ...failures(gaveUp),
        ...hourly(gaveUp),
      ]),
    );
    await fixture.start();
    const chain = 'A sign-in after many failed ones';
    const alert = await fixture.until('the chain', async () =>
      (await fixture.alerts()).find(({ rule_title: title }) => title === chain),
    );
    expect([alert.grouping, alert.is_late]).toEqual([[guessed], true]);
    await fixture.until('nothing that waits', async () => {
      const [row] = await fixture.query<{ waiting: string }>(
        `select count(*) as waiting from correlate_groups where state->'held' is not null`,
      );
      return row?.waiting === '0' ? true : undefined;
    });
    expect((await fixture.alerts()).filter(({ rule_title: title }) => title === chain)).toHaveLength(1);
  }, 60_000);
});
