import { SilenceScheduler } from '../../../src/correlate/silence/silence.scheduler.js';
import { StreamStatisticsRepository } from '../../../src/correlate/books/stream-statistics.repository.js';
import type { StreamCounts } from '../../../src/detect/signal-message.js';
import { Clock } from '../../../src/platform/clock/clock.js';
import { system } from '../../../src/platform/database/scope.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { testService, type TestService } from '../../harness/service.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** A Wednesday. */
const NOW = Date.parse('2026-11-25T11:00:00Z');

class SetClock extends Clock {
  ms = NOW;
  override now(): Date {
    return new Date(this.ms);
  }
  advanceMs(ms: number): void {
    this.ms += ms;
  }
}

interface SilentAlert {
  readonly tenant_id: string;
  readonly rule_title: string;
  readonly level: string;
  readonly promises: string[];
  readonly resolved_at: Date | null;
}

describe('a silent silo', () => {
  let service: TestService;
  const clock = new SetClock();
  const statistics = new StreamStatisticsRepository();

  beforeAll(async () => {
    service = await testService({ clock });
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    clock.ms = NOW;
    await inTransaction((tx) => tx.query('delete from stream_silences'));
    await inTransaction((tx) => tx.query('delete from stream_gaps'));
    await inTransaction((tx) => tx.query('delete from stream_statistics'));
    await inTransaction((tx) => tx.query('delete from alerts'));
  });

  const inTransaction = <T>(work: Parameters<typeof service.db.database.transaction<T>>[1]): Promise<T> =>
    service.db.database.transaction(system('correlate'), work);

  const addSilo = (tenant: string): Promise<unknown> =>
    service.db.database.transaction(system('silo-directory'), (tx) =>
      new SiloRepository().upsert(tx, {
        tenant,
        name: tenant,
        timeZone: 'UTC',
        language: 'en',
        jurisdictions: [],
        noticeHours: 72,
        createdAt: new Date(NOW),
      }),
    );

  const counts = (tenant: string, arrivedMs: number | undefined, readUpToMs: number | null): StreamCounts => ({
    tenant,
    stream: 'access',
    events: arrivedMs === undefined ? 0 : 1,
    parseFailures: 0,
    deadLetters: 0,
    lastEventMs: arrivedMs ?? null,
    lagRecords: readUpToMs === null ? 5 : 0,
    lagSeconds: 0,
    readUpToMs,
    ...(arrivedMs === undefined ? {} : { arrivals: { firstMs: arrivedMs, lastMs: arrivedMs } }),
  });

  const tell = (told: readonly StreamCounts[]): Promise<void> =>
    inTransaction((tx) => statistics.add(tx, told, 2, clock.now()));

  /** A silo that has spoken every three minutes for five weeks, up to the present. */
  async function learned(tenant: string): Promise<void> {
    await addSilo(tenant);
    await tell([counts(tenant, NOW - 5 * WEEK_MS - 3 * HOUR_MS, null)]);
    await inTransaction((tx) =>
      tx.query(
        `insert into stream_gaps (tenant_id, stream, hour, started_at, ended_at)
         select $1, 'access', date_trunc('hour', e), e - interval '3 minutes', e
         from generate_series($2::timestamptz, $3::timestamptz, interval '1 hour') as g (e)`,
        [tenant, new Date(NOW - 5 * WEEK_MS - 3 * HOUR_MS), new Date(NOW)],
      ),
    );
    await tell([counts(tenant, NOW, NOW)]);
    // The stretch that was left out above is no habit.
    await inTransaction((tx) =>
      tx.query(`delete from stream_gaps where tenant_id = $1 and ended_at - started_at > interval '1 day'`, [tenant]),
    );
  }

  /** Time goes by, and it is known of each of these that nothing came. */
  async function quietFor(minutes: number, ...tenants: string[]): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      clock.advanceMs(MINUTE_MS);
      await tell(tenants.map((tenant) => counts(tenant, undefined, clock.nowMs())));
    }
  }

  const look = (): Promise<void> => service.app.get(SilenceScheduler, { strict: false }).look();
  const alerts = (): Promise<SilentAlert[]> =>
    inTransaction((tx) =>
      tx.query(
        `select tenant_id, rule_title, level, promises, resolved_at from alerts where rule_id = 'silowatch.silo-silent' order by created_at`,
      ),
    );

  it('is an alert once it rests for longer than its habit, and the alert ends when it speaks again', async () => {
    await learned('acme');
    await quietFor(9, 'acme');
    await look();
    expect(await alerts()).toEqual([]);
    await quietFor(2, 'acme');
    await look();
    await look();
    expect(await alerts()).toEqual([
      {
        tenant_id: 'acme',
        rule_title:
          'Silent silo: no access records since 2026-11-25 11:00 UTC, at this hour usually never longer than 3 minutes',
        level: 'medium',
        promises: ['MON-1'],
        resolved_at: null,
      },
    ]);
    clock.advanceMs(MINUTE_MS);
    await tell([counts('acme', clock.nowMs(), clock.nowMs())]);
    await look();
    expect((await alerts()).map((alert) => alert.resolved_at)).toEqual([clock.now()]);
    await quietFor(12, 'acme');
    await look();
    expect((await alerts()).map((alert) => alert.resolved_at === null)).toEqual([false, true]);
  });

  it('is none while nobody looked, while reading was behind, and for as long again afterwards', async () => {
    await learned('acme');
    await quietFor(5, 'acme');
    clock.advanceMs(3 * HOUR_MS);
    await look();
    for (let minute = 0; minute < 30; minute += 1) {
      clock.advanceMs(MINUTE_MS);
      await tell([counts('acme', undefined, null)]);
    }
    await look();
    await quietFor(9, 'acme');
    await look();
    expect(await alerts()).toEqual([]);
    await quietFor(3, 'acme');
    await look();
    expect(await alerts()).toHaveLength(1);
  });

  it('is none when most silos fall silent at once: then it is our side that hears nothing', async () => {
    const tenants = ['a-one', 'b-two', 'c-three', 'd-four', 'e-five'];
    for (const tenant of tenants) await learned(tenant);
    await quietFor(12, ...tenants);
    await look();
    expect(await alerts()).toEqual([]);
    expect(service.logLines.filter((line) => line.includes('silence.held'))).toHaveLength(1);
    for (const tenant of tenants.slice(1)) await tell([counts(tenant, clock.nowMs(), clock.nowMs())]);
    await look();
    expect((await alerts()).map(({ tenant_id: tenant }) => tenant)).toEqual(['a-one']);
  });

  it('is none before it ever spoke, and not for three days while it is new', async () => {
    await addSilo('never');
    await addSilo('new');
    await tell([counts('new', NOW, NOW)]);
    await quietFor(1, 'never', 'new');
    await inTransaction((tx) =>
      tx.query(`update stream_statistics set read_up_to = $1, quiet_from = $2`, [
        new Date(NOW + 71 * HOUR_MS),
        new Date(NOW),
      ]),
    );
    await look();
    expect(await alerts()).toEqual([]);
    await inTransaction((tx) =>
      tx.query(`update stream_statistics set read_up_to = $1`, [new Date(NOW + 73 * HOUR_MS)]),
    );
    await look();
    expect((await alerts()).map(({ tenant_id: tenant }) => tenant)).toEqual(['new']);
  });

  it('learns how long it rests from when records reached the log, whenever they are read', async () => {
    await addSilo('acme');
    await tell([counts('acme', NOW - 8 * HOUR_MS, NOW - 8 * HOUR_MS)]);
    const startMs = NOW - 5 * HOUR_MS;
    const gap: [number, number] = [startMs + MINUTE_MS, startMs + 4 * MINUTE_MS];
    await tell([{ ...counts('acme', startMs, NOW), arrivals: { firstMs: startMs, lastMs: NOW, gap } }]);
    const rows = await inTransaction((tx) =>
      tx.query<{ started_at: Date; ended_at: Date }[]>(`select started_at, ended_at from stream_gaps order by hour`),
    );
    expect(rows.map((row) => [row.started_at.getTime() - NOW, row.ended_at.getTime() - NOW])).toEqual([
      [-8 * HOUR_MS, -5 * HOUR_MS],
    ]);
  });
});
