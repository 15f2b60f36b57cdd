import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PipelineFixture } from './fixture.js';
import { auditRecord, onStream } from './records.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** What only the end of a window decides, and what that feeds. */
const UNANSWERED = `title: A sign-in failed
id: 11111111-1111-4111-8111-1111111111a1
name: failed
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: session.login, outcome: failure }, condition: selection }
---
title: A sign-in succeeded
id: 11111111-1111-4111-8111-1111111111a2
name: succeeded
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: session.login, outcome: success }, condition: selection }
---
title: A failed sign-in was not followed by another try
id: 11111111-1111-4111-8111-1111111111a3
name: given_up
status: stable
level: low
correlation: { type: temporal, rules: [failed, succeeded], group-by: [ip], timespan: 3s, generate: false }
silowatch: { absence: { expected: succeeded } }
---
title: Somebody gave up
id: 11111111-1111-4111-8111-1111111111a4
status: stable
level: high
correlation: { type: event_count, rules: [given_up], group-by: [ip], timespan: 10m, condition: { gte: 1 }, generate: false }
`;

/** A chain of three correlations: what the second finds is the first half of the third, beside an event of every hour. */
const THREE = `title: A sign-in failed
id: 22222222-1111-4111-8111-1111111111a1
name: failed
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: session.login, outcome: failure }, condition: selection }
---
title: A sign-in succeeded
id: 22222222-1111-4111-8111-1111111111a2
name: succeeded
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: session.login, outcome: success }, condition: selection }
---
title: Many sign-ins failed
id: 22222222-1111-4111-8111-1111111111a3
name: many
status: stable
level: low
correlation: { type: event_count, rules: [failed], group-by: [ip], timespan: 10m, condition: { gte: 3 }, generate: false }
---
title: A guessed sign-in
id: 22222222-1111-4111-8111-1111111111a4
name: guessed
status: stable
level: low
correlation: { type: temporal_ordered, rules: [many, succeeded], group-by: [ip], timespan: 10m, generate: false }
---
title: A guessed sign-in was used again
id: 22222222-1111-4111-8111-1111111111a5
status: stable
level: high
correlation: { type: temporal_ordered, rules: [guessed, succeeded], group-by: [ip], timespan: 20m, generate: false }
`;

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
    const alert = await fixture.until(
      'the chain',
      async () => (await fixture.alerts()).find(({ rule_title: title }) => title === chain),
      40_000,
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

  it('finds a chain of three', async () => {
    const rulesDirs = await mkdtemp(path.join(tmpdir(), 'silowatch-rules-'));
    await writeFile(path.join(rulesDirs, 'rules.yml'), THREE);
    const chained = await PipelineFixture.open('embedded');
    try {
      const tenant = await chained.addSilo();
      const startMs = Date.now() - 6 * HOUR;
      const signIn = (afterMs: number, outcome: 'success' | 'failure', ip: string): string =>
        auditRecord({ time: new Date(startMs + afterMs), outcome, ip });
      const ips = Array.from({ length: 8 }, (_, i) => `192.0.2.${20 + i}`);
      // Every hour by itself, so that whoever counts out of order has forgotten what the chain would need.
      await chained.log.append(
        onStream(
          tenant,
          'audit',
          ips.flatMap((ip) => [
            ...[1, 2, 3].map((minute) => signIn(minute * MINUTE, 'failure', ip)),
            ...[5, 15, 90, 150, 210, 270].map((minute) => signIn(minute * MINUTE, 'success', ip)),
          ]),
        ),
      );
      await chained.start({ rulesDirs });
      const found = async (): Promise<string[]> =>
        (await chained.alerts())
          .filter(({ rule_title: title }) => title === 'A guessed sign-in was used again')
          .flatMap(({ grouping }) => grouping)
          .sort();
      await chained.until('all chains', async () => ((await found()).length === ips.length ? true : undefined), 70_000);
      expect(await found()).toEqual(ips);
    } finally {
      await chained.close();
      await rm(rulesDirs, { recursive: true, force: true });
    }
  }, 100_000);

  it('sends on at once what the end of a window decided, whether or not more signals come', async () => {
    const rulesDirs = await mkdtemp(path.join(tmpdir(), 'silowatch-rules-'));
    try {
      await writeFile(path.join(rulesDirs, 'rules.yml'), UNANSWERED);
      const quiet = await PipelineFixture.open('embedded');
      try {
        const tenant = await quiet.addSilo();
        const time = new Date(Date.now() - HOUR);
        await quiet.log.append(onStream(tenant, 'audit', [auditRecord({ time, ip: '192.0.2.12' })]));
        await quiet.start({ rulesDirs });
        const isThere = async (): Promise<boolean> =>
          (await quiet.alerts()).some(({ rule_title: title }) => title === 'Somebody gave up');
        await quiet.until('the alert', async () => ((await isThere()) ? true : undefined), 40_000);
      } finally {
        await quiet.close();
      }
    } finally {
      await rm(rulesDirs, { recursive: true, force: true });
    }
  }, 60_000);
});
