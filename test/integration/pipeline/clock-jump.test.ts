import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { type LogKind, PipelineFixture } from './fixture.js';
import { auditRecord, onStream } from './records.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** What only the end of a window decides, and what that feeds. */
const RULES = `title: A backup began
id: 11111111-1111-4111-8111-1111111111b1
name: began
status: stable
level: informational
logsource: { product: silo, service: app }
detection: { selection: { action: backup.began }, condition: selection }
---
title: A backup ended
id: 11111111-1111-4111-8111-1111111111b2
name: ended
status: stable
level: informational
logsource: { product: silo, service: app }
detection: { selection: { action: backup.ended }, condition: selection }
---
title: A backup did not end
id: 11111111-1111-4111-8111-1111111111b3
name: unended
status: stable
level: low
correlation: { type: temporal, rules: [began, ended], group-by: [ip], timespan: 3s }
silowatch: { absence: { expected: ended } }
---
title: Backups fail
id: 11111111-1111-4111-8111-1111111111b4
status: stable
level: high
correlation: { type: event_count, rules: [unended], group-by: [ip], timespan: 10m, condition: { gte: 1 }, generate: true }
`;

class JumpyClock extends SystemClock {
  aheadMs = 0;
  override now(): Date {
    return new Date(super.now().getTime() + this.aheadMs);
  }
}

describe('a clock an hour ahead for a moment', () => {
  let folder: string;
  const opened: PipelineFixture[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'clock-jump-'));
    await writeFile(path.join(folder, 'rules.yml'), RULES);
  });
  afterEach(async () => {
    await Promise.all(opened.map((fixture) => fixture.close()));
    await rm(folder, { recursive: true });
  });

  async function jump(kind: LogKind): Promise<void> {
    const fixture = await PipelineFixture.open(kind, { rulesDirs: folder });
    opened.push(fixture);
    const silo = await fixture.addSilo();
    /** Old enough that nothing comes before it any more, and that what it sets off waits for the partitions to tell each other. */
    const began = (ip: string): Promise<unknown> =>
      fixture.log.append(
        onStream(silo, 'audit', [auditRecord({ time: new Date(Date.now() - 3 * MINUTE), action: 'backup.began', ip })]),
      );
    const untilSaid = (title: string, ip: string): Promise<unknown> =>
      fixture.until(
        `the alert that ${title} about ${ip}, over the ${kind} log`,
        async () => {
          const alerts = await fixture.alerts();
          return alerts.find(({ rule_title: said, grouping }) => said === title && grouping.includes(ip));
        },
        30_000,
      );
    const clock = new JumpyClock();
    const pipeline = await fixture.start({}, clock);
    await setTimeout(2_500);
    clock.aheadMs = HOUR;
    await setTimeout(2_000);
    await began('192.0.2.1');
    await setTimeout(2_000);
    clock.aheadMs = 0;
    await began('192.0.2.2');
    await untilSaid('Backups fail', '192.0.2.1');
    await untilSaid('Backups fail', '192.0.2.2');
    expect((await fixture.alerts()).filter(({ is_late: isLate }) => isLate)).toEqual([]);

    await fixture.stop(pipeline);
    const [stored] = await fixture.query<{ clock: string }>('select max(clock_ms) as clock from correlate_partitions');
    expect(Number(stored!.clock)).toBeLessThan(Date.now() + MINUTE);
    await fixture.query('update correlate_partitions set clock_ms = clock_ms + $1', [HOUR]);
    await fixture.start();
    await began('192.0.2.3');
    await untilSaid('A backup did not end', '192.0.2.3');
  }

  it('stops no window and nothing that windows feed, neither meanwhile nor afterwards, nor where it was stored', async () => {
    // Side by side: most of it is waiting.
    await Promise.all((['embedded', 'kafka'] as const).map(jump));
  }, 90_000);
});
