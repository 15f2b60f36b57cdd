import { createHash } from 'node:crypto';
import { type LogKind, PipelineFixture } from './fixture.js';
import { accessLine, auditRecord, onStream } from './records.js';

const PROBE = '11111111-1111-4111-8111-111111111101';

describe.each<LogKind>(['embedded', 'kafka'])('a record on the %s log', (kind) => {
  let fixture: PipelineFixture;
  beforeEach(async () => {
    fixture = await PipelineFixture.open(kind);
  });
  afterEach(() => fixture.close());

  it('becomes one alert with its evidence and its job', async () => {
    const tenant = await fixture.addSilo();
    await fixture.start();
    const line = accessLine(new Date(), '/probe/1');
    const [position] = await fixture.log.append(
      onStream(tenant, 'access', [accessLine(new Date(), '/'), line]).slice(0),
    );
    const [alert] = await fixture.untilAlerts(1);
    expect(alert).toMatchObject({ tenant_id: tenant, rule_id: PROBE, count: '1', is_late: false });
    expect(alert!.entities).toEqual([
      { kind: 'ip', value: '203.0.113.7' },
      { kind: 'other', value: '/probe/1' },
    ]);
    const sha256 = createHash('sha256').update(line).digest('hex');
    expect(alert!.samples).toEqual([expect.objectContaining({ raw: line, sha256, offset: position!.offset + 1 })]);
    expect(await fixture.jobs()).toEqual([alert!.id]);
  });

  it('of a new silo is read without a restart', async () => {
    await fixture.start();
    const tenant = await fixture.addSilo();
    await fixture.log.append(onStream(tenant, 'access', [accessLine(new Date(), '/probe/new')]));
    const [alert] = await fixture.untilAlerts(1);
    expect(alert!.tenant_id).toBe(tenant);
  });

  it('that claims another tenant raises the isolation alert under the silo of its topic', async () => {
    const tenant = await fixture.addSilo();
    await fixture.start();
    await fixture.log.append(
      onStream(tenant, 'audit', [auditRecord({ time: new Date(), outcome: 'success', tenant: 'somebody-else' })]),
    );
    const alert = await fixture.until('the isolation alert', async () =>
      (await fixture.alerts()).find(({ rule_title: title }) => title === "A silo's record names another tenant"),
    );
    expect(alert).toMatchObject({ tenant_id: tenant, promises: ['ISO-2'] });
    expect(alert.entities).toEqual([{ kind: 'other', value: 'somebody-else' }]);
  });

  it('that cannot be used and claims another tenant raises the alert beside its dead letter, one that is its own does not', async () => {
    const silos = [await fixture.addSilo(), await fixture.addSilo(), await fixture.addSilo()];
    const [alone = '', together = '', own = ''] = silos;
    await fixture.start();
    const invalid = (claimed: unknown): string => JSON.stringify({ v: 1, action: 'NO', outcome: 'x', tenant: claimed });
    await fixture.log.append(onStream(own, 'audit', [invalid({ id: own, plan: 'gold' })]));
    await fixture.log.append(onStream(alone, 'audit', [invalid({ id: 'somebody-else' })]));
    const kept = Buffer.from(
      [invalid(together), invalid('another')].map((text) => `${JSON.stringify(text)}\n`).join(''),
    );
    const [record] = onStream(together, 'audit', [kept]);
    await fixture.log.append([{ ...record!, headers: { together: 'invalid' } }]);
    await fixture.until('three dead letters', async () =>
      (await fixture.deadLetters()).length === 3 ? true : undefined,
    );
    const alerts = await fixture.untilAlerts(2);
    const found = alerts.map(({ rule_title: title, tenant_id: tenant, entities }) => ({ title, tenant, entities }));
    const title = "A silo's record names another tenant";
    const named = (value: string) => [{ kind: 'other', value }];
    expect(new Set(found)).toEqual(
      new Set([
        { title, tenant: alone, entities: named('somebody-else') },
        { title, tenant: together, entities: named('another') },
      ]),
    );
  });

  it('that cannot be used goes to the dead letters unchanged, and those behind it are read', async () => {
    const tenant = await fixture.addSilo();
    await fixture.start();
    const broken = Buffer.from('{"v":1,"action":');
    const noise = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 37) & 0xff));
    await fixture.log.append(onStream(tenant, 'audit', [broken, noise]));
    await fixture.log.append(onStream(tenant, 'access', [accessLine(new Date(), '/probe/behind')]));
    await fixture.untilAlerts(1);
    const letters = await fixture.until('two dead letters', async () => {
      const found = await fixture.deadLetters();
      return found.length >= 2 ? found : undefined;
    });
    expect(letters.map(({ value }) => value).sort(Buffer.compare)).toEqual([broken, noise].sort(Buffer.compare));
    expect(letters.map(({ topic }) => topic)).toEqual([`silo.${tenant}.audit`, `silo.${tenant}.audit`]);
    const [counted] = await fixture.until('statistics', async () => {
      const rows = await fixture.query<{ dead_letters: string }>(
        `select dead_letters from stream_statistics where tenant_id = $1 and stream = 'audit' and dead_letters > 0`,
        [tenant],
      );
      return rows.length === 1 ? rows : undefined;
    });
    expect(counted!.dead_letters).toBe('2');
    const reasons = await fixture.query<{ reason: string; format: string; records: string }>(
      'select reason, format, records from dead_letter_counts where tenant_id = $1',
      [tenant],
    );
    expect(reasons.map(({ format, records }) => [format, Number(records)])).toEqual(
      reasons.length === 1 ? [['none', 2]] : Array(2).fill(['none', 1]),
    );
    const [known] = await fixture.until('word up to when everything was read', async () => {
      const rows = await fixture.query<{ quiet: boolean }>(
        `select quiet_from >= last_arrival_at as quiet from stream_statistics
         where tenant_id = $1 and stream = 'audit' and read_up_to > last_arrival_at`,
        [tenant],
      );
      return rows.length === 1 ? rows : undefined;
    });
    expect(known).toEqual({ quiet: true });
  });

  it('of 5 MB is refused by the log, and says so', async () => {
    const tenant = await fixture.addSilo();
    await expect(
      fixture.log.append(onStream(tenant, 'access', [Buffer.alloc(5 * 1024 * 1024, 'a')])),
    ).rejects.toMatchObject({ code: 'EVENT_LOG_MESSAGE_TOO_LARGE' });
  });

  it('feeds a correlation whose firing feeds another, which alerts once', async () => {
    const tenant = await fixture.addSilo();
    await fixture.start();
    const nowMs = Date.now();
    const failures = [0, 1, 2, 3].map((i) =>
      auditRecord({ time: new Date(nowMs - 9_000 + i * 1_000), ip: '192.0.2.1' }),
    );
    await fixture.log.append(onStream(tenant, 'audit', failures));
    await fixture.untilAlerts(1);
    await fixture.log.append(
      onStream(tenant, 'audit', [auditRecord({ time: new Date(nowMs), outcome: 'success', ip: '192.0.2.1' })]),
    );
    const chained = await fixture.until('the chained alert', async () =>
      (await fixture.alerts()).find(({ rule_title: title }) => title === 'A sign-in after many failed ones'),
    );
    expect(chained).toMatchObject({ grouping: ['192.0.2.1'], count: '2' });
    const counted = (await fixture.alerts()).filter(({ rule_title: title }) => title === 'Many failed sign-ins');
    expect(counted.map(({ count }) => count)).toEqual(['4']);
  });

  it('sent twice by a shipper is two access records, but one audit record', async () => {
    const tenant = await fixture.addSilo();
    await fixture.start();
    const time = new Date();
    const record = auditRecord({ time, id: 'the-same', ip: '192.0.2.9' });
    await fixture.log.append(onStream(tenant, 'audit', [record, record, record, record]));
    const probe = accessLine(time, '/probe/twice');
    await fixture.log.append(onStream(tenant, 'access', [probe, probe]));
    const probes = await fixture.until('the second probe', async () => {
      const found = (await fixture.alerts()).find(({ rule_title: title }) => title === 'A probe');
      return found?.count === '2' ? found : undefined;
    });
    expect(probes.samples).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const titles = (await fixture.alerts()).map(({ rule_title: title }) => title);
    expect(titles).not.toContain('Many failed sign-ins');
  });

  it('in two silos counts together for a rule across silos, and each silo gets its alert', async () => {
    const tenants = [await fixture.addSilo(), await fixture.addSilo()];
    await fixture.start();
    const line = accessLine(new Date(), '/everywhere', '192.0.2.77');
    for (const tenant of tenants) await fixture.log.append(onStream(tenant, 'access', [line]));
    const found = await fixture.until('both alerts', async () => {
      const fleet = (await fixture.alerts()).filter(
        ({ rule_title: title }) => title === 'One address probes several silos',
      );
      return fleet.length === 2 ? fleet : undefined;
    });
    expect(found.map(({ tenant_id: tenant }) => tenant).sort()).toEqual([...tenants].sort());
  });

  it('in one silo again and again is none for a rule that counts silos, whatever the record says of itself', async () => {
    const tenants = [await fixture.addSilo(), await fixture.addSilo()];
    await fixture.start();
    const found = async (): Promise<unknown[]> =>
      (await fixture.alerts()).filter(({ rule_title: title }) => title === 'One person opens two silos');
    const time = new Date();
    const opened = (): string => auditRecord({ time, action: 'employee.access' });
    const claims = (claimed: string): string => opened().replace(/}$/, `,"silowatch.tenant":"${claimed}"}`);
    // What is counted behind them shows that they were.
    const behind = [0, 1, 2].map(() => auditRecord({ time, ip: '192.0.2.78' }));
    const [first = '', second = ''] = tenants;
    const records = [opened(), opened(), claims('other'), claims('another'), ...behind];
    await fixture.log.append(onStream(first, 'audit', records));
    await fixture.untilAlerts(1);
    expect(await found()).toEqual([]);
    await fixture.log.append(onStream(second, 'audit', [opened()]));
    await fixture.until('an alert for each silo', async () => ((await found()).length === 2 ? true : undefined));
  });

  it('older than 15 minutes when first read opens an alert that is marked late, also a count of them', async () => {
    const tenant = await fixture.addSilo();
    await fixture.start();
    const longAgo = Date.UTC(2024, 0, 2, 3, 4, 5);
    const failures = [0, 1, 2].map((i) => auditRecord({ time: new Date(longAgo + i * 60_000), ip: '192.0.2.5' }));
    await fixture.log.append(onStream(tenant, 'audit', failures.slice(0, 2)));
    // Long enough for the watermark to be told: it must not sweep away what is counted in the past.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await fixture.log.append(onStream(tenant, 'audit', failures.slice(2)));
    const late = await fixture.until('the late alert', async () =>
      (await fixture.alerts()).find(({ rule_title: title }) => title === 'Many failed sign-ins'),
    );
    expect(late).toMatchObject({ is_late: true, count: '3', first_event_at: new Date(longAgo) });
  });
});
