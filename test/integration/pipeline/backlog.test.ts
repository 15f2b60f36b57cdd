import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PipelineFixture } from './fixture.js';
import { TEST_RULES } from './pipeline.js';
import { auditRecord, onStream } from './records.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const signIns = (id: string): string =>
  ['failure', 'success']
    .map(
      (outcome, i) => `title: A sign-in with ${outcome}
id: ${id}${i + 1}
name: ${outcome}_${id.slice(0, 4)}
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: session.login, outcome: ${outcome} }, condition: selection }
---
`,
    )
    .join('');

/** What only the end of a window decides, and what that feeds. */
const UNANSWERED = `${signIns('11111111-1111-4111-8111-1111111111a')}title: A failed sign-in was not followed by another try
id: 11111111-1111-4111-8111-1111111111a3
name: given_up
status: stable
level: low
correlation: { type: temporal, rules: [failure_1111, success_1111], group-by: [ip], timespan: 3s, generate: false }
silowatch: { absence: { expected: success_1111 } }
---
title: Somebody gave up
id: 11111111-1111-4111-8111-1111111111a4
status: stable
level: high
correlation: { type: event_count, rules: [given_up], group-by: [ip], timespan: 10m, condition: { gte: 1 }, generate: false }
`;

/** A chain of three correlations: what the second finds is the first half of the third, beside an event of every hour. */
const THREE = `${signIns('22222222-1111-4111-8111-1111111111a')}title: Many sign-ins failed
id: 22222222-1111-4111-8111-1111111111a3
name: many_2222
status: stable
level: low
correlation: { type: event_count, rules: [failure_2222], group-by: [ip], timespan: 10m, condition: { gte: 3 }, generate: false }
---
title: A guessed sign-in
id: 22222222-1111-4111-8111-1111111111a4
name: guessed_2222
status: stable
level: low
correlation: { type: temporal_ordered, rules: [many_2222, success_2222], group-by: [ip], timespan: 10m, generate: false }
---
title: A guessed sign-in was used again
id: 22222222-1111-4111-8111-1111111111a5
status: stable
level: high
correlation: { type: temporal_ordered, rules: [guessed_2222, success_2222], group-by: [ip], timespan: 20m, generate: false }
`;

describe('a backlog of hours', () => {
  const startMs = Date.now() - 6 * HOUR;
  const signIn = (afterMs: number, outcome: 'success' | 'failure', ip: string): string =>
    auditRecord({ time: new Date(startMs + afterMs), outcome, ip });
  const failures = (ip: string): string[] => [1, 2, 3].map((minute) => signIn(minute * MINUTE, 'failure', ip));
  const hourly = (ip: string): string[] =>
    [1, 2, 3, 4, 5].map((hours) => signIn(hours * HOUR + 30 * MINUTE, 'success', ip));
  const [guessed, gaveUp] = ['192.0.2.10', '192.0.2.11'];
  const usedAgain = Array.from({ length: 8 }, (_, i) => `192.0.2.${20 + i}`);

  let fixture: PipelineFixture;
  let rulesDirs: string;
  beforeAll(async () => {
    rulesDirs = await mkdtemp(path.join(tmpdir(), 'silowatch-rules-'));
    await writeFile(path.join(rulesDirs, 'rules.yml'), THREE);
    fixture = await PipelineFixture.open('embedded', { rulesDirs: `${TEST_RULES},${rulesDirs}` });
    const tenant = await fixture.addSilo();
    await fixture.log.append(
      onStream(tenant, 'audit', [
        ...failures(guessed),
        signIn(5 * MINUTE, 'success', guessed),
        ...hourly(guessed),
        ...failures(gaveUp),
        ...hourly(gaveUp),
        ...usedAgain.flatMap((ip) => [
          ...failures(ip),
          signIn(5 * MINUTE, 'success', ip),
          signIn(15 * MINUTE, 'success', ip),
          ...hourly(ip),
        ]),
      ]),
    );
    await strandGroup();
    await fixture.start();
  }, 60_000);
  /** A group whose rules no process knows any more holds a signal: nobody may wait for it. */
  const strandGroup = async (): Promise<void> => {
    const signal = { consumer: 'gone', ordinal: 0, rule: 'gone', timeMs: 1, group: [], entities: [] };
    const origin = { incarnation: 1, source: 'silo.gone.audit/0', offset: 1, ordinal: 0 };
    const times = { arrivalMs: 1, detectedMs: 1 };
    const held = [{ origin, layout: 24, tenant: 'gone', ...times, isLate: true, signal, samples: [], step: 1 }];
    const state = { v: 3, tenant: 'gone', group: [], state: { times: [], episodes: [] }, parts: {}, ids: [], held };
    await fixture.query(
      `insert into correlate_groups (partition, key, consumer, state, due_ms, held_ms) values (0, 'gone', 'gone', $1, null, 1)`,
      [JSON.stringify({ ...state, lastEventMs: 1, lastArrivalMs: 1 })],
    );
  };
  afterAll(async () => {
    await fixture.close();
    await rm(rulesDirs, { recursive: true, force: true });
  });

  /** The addresses of all alerts of a title, once there are so many. */
  const found = async (wanted: string, most: number): Promise<readonly string[]> =>
    fixture.until(
      wanted,
      async () => {
        const alerts = (await fixture.alerts()).filter(({ rule_title: title }) => title === wanted);
        return alerts.length < most ? undefined : alerts.map(({ grouping }) => grouping.join()).sort();
      },
      70_000,
    );
  const isNothingHeld = async (): Promise<boolean> => {
    const [row] = await fixture.query<{ waiting: string }>(
      `select count(*) as waiting from correlate_groups where state->'held' is not null`,
    );
    return row?.waiting === '0';
  };

  it('gives the alerts that the live stream would have given, also of correlations that others feed', async () => {
    const chain = 'A sign-in after many failed ones';
    expect(await found(chain, 1 + usedAgain.length)).toEqual([guessed, ...usedAgain]);
    const alerts = (await fixture.alerts()).filter(({ rule_title: title }) => title === chain);
    expect(new Set(alerts.map(({ is_late: isLate }) => isLate))).toEqual(new Set([true]));
  }, 80_000);

  it('gives those of a chain of three', async () => {
    const chain = 'A guessed sign-in was used again';
    // The sign-in that was guessed is, at that time, also the first use.
    const all = [guessed, ...usedAgain];
    expect(await found(chain, all.length)).toEqual(all);
    await fixture.until('nothing that waits', async () => (await isNothingHeld()) || undefined);
    expect(await found(chain, all.length)).toEqual(all);
  }, 80_000);

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
