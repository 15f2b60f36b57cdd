import { CorrelateWork } from '../../../src/correlate/books/correlate-work.service.js';
import { StateSizes } from '../../../src/correlate/books/state-sizes.service.js';
import { type LogKind, PipelineFixture } from './fixture.js';
import { accessLine, auditRecord, onStream } from './records.js';

interface Counted {
  readonly batches: number;
  readonly took: boolean;
  readonly latest: boolean;
  readonly parse_failures: number;
  readonly rebalances: number;
}

describe.each<LogKind>(['embedded', 'kafka'])('the work that silos cause, over the %s log,', (kind) => {
  let fixture: PipelineFixture;
  beforeEach(async () => {
    fixture = await PipelineFixture.open(kind);
  });
  afterEach(() => fixture.close());

  const counted = (tenant: string, stream: string): Promise<Counted[]> =>
    fixture.query<Counted>(
      `select batches::int, match_seconds > 0 and send_seconds > 0 as took, latest_match_seconds > 0 as latest,
         parse_failures::int, rebalances::int
       from stream_statistics where tenant_id = $1 and stream = $2 and batches > 0`,
      [tenant, stream],
    );
  const kept = (tenant: string): Promise<{ groups: number; has: boolean }[]> =>
    fixture.query('select groups::int, bytes > 0 as has from silo_state_sizes where tenant_id = $1', [tenant]);

  it('is known of each, in the database and in its series', async () => {
    const [busy, quiet] = [await fixture.addSilo(), await fixture.addSilo()];
    const pipeline = await fixture.start();
    const failures = [1, 2].map((n) => auditRecord({ time: new Date(Date.now() - n * 1_000), ip: '192.0.2.31' }));
    await fixture.log.append(onStream(busy, 'audit', [...failures, Buffer.from('{"v":1,"action":')]));
    await fixture.log.append(onStream(busy, 'access', [accessLine(new Date(), '/everywhere', '192.0.2.78')]));
    const [audit] = await fixture.until('the audit records to be counted', async () => {
      const rows = await counted(busy, 'audit');
      return rows[0]?.parse_failures === 1 ? rows : undefined;
    });
    const isShared = kind === 'kafka';
    expect(audit).toMatchObject({ took: true, latest: true, parse_failures: 1 });
    expect(audit!.rebalances > 0).toBe(isShared);
    expect(await counted(quiet, 'audit')).toEqual([]);

    const series = (await pipeline.metrics.perSilo.metrics()).split('\n');
    const valueOf = (name: string, tenant: string, more = ''): number | undefined => {
      const start = `${name}{silo="${tenant}",stream="audit"${more}} `;
      const line = series.find((one) => one.startsWith(start));
      return line === undefined ? undefined : Number(line.slice(start.length));
    };
    expect(valueOf('silowatch_silo_parse_failures_total', busy)).toBe(1);
    expect(valueOf('silowatch_silo_parse_failures_total', quiet)).toBe(0);
    expect(valueOf('silowatch_silo_batches_total', busy)).toBeGreaterThan(0);
    expect(valueOf('silowatch_silo_batches_total', quiet)).toBe(0);
    for (const step of ['match', 'send']) {
      expect(valueOf('silowatch_silo_step_seconds_total', busy, `,step="${step}"`)).toBeGreaterThan(0);
      expect(valueOf('silowatch_silo_step_seconds_total', quiet, `,step="${step}"`)).toBe(0);
    }
    const ofSilo = (name: string, tenant: string): number =>
      Number(series.find((one) => one.startsWith(`${name}{silo="${tenant}"} `))?.split(' ')[1]);
    for (const name of ['silowatch_silo_signals_total', 'silowatch_silo_commit_seconds_total']) {
      expect(ofSilo(name, busy)).toBeGreaterThan(0);
      expect(ofSilo(name, quiet)).toBe(0);
    }
    await pipeline.app.get(CorrelateWork, { strict: false }).write();
    expect(
      await fixture.query(
        `select tenant_id, signals > 0 and seconds > 0 and latest_seconds > 0 as sound from silo_signal_work where tenant_id = any($1)`,
        [[busy, quiet]],
      ),
    ).toEqual([{ tenant_id: busy, sound: true }]);
    for (const tenant of [busy, quiet]) {
      const rebalances = valueOf('silowatch_silo_rebalances_total', tenant) ?? 0;
      expect(rebalances > 0).toBe(isShared);
    }
    expect(await pipeline.metrics.main.metrics()).not.toContain(`silo="${quiet}"`);
    const signals = async (): Promise<number> =>
      (await fixture.query<{ n: number }>('select signals::int as n from silo_signal_work'))[0]!.n;
    const before = await signals();
    await fixture.log.append(onStream(busy, 'access', [accessLine(new Date(), '/everywhere', '192.0.2.80')]));
    await fixture.until('it to be counted', async () => {
      const text = await pipeline.metrics.perSilo.metrics();
      const counted = new RegExp(`^silowatch_silo_signals_total\\{silo="${busy}"\\} (\\d+)$`, 'm').exec(text);
      return Number(counted?.[1]) > before ? true : undefined;
    });
    await fixture.stop(pipeline);
    expect(await signals()).toBeGreaterThan(before);
  });

  it('fills the state of each, and what reaches across silos belongs to none', async () => {
    const [busy, quiet] = [await fixture.addSilo(), await fixture.addSilo()];
    const pipeline = await fixture.start();
    await fixture.log.append(
      onStream(busy, 'audit', [auditRecord({ time: new Date(), outcome: 'failure', ip: '192.0.2.32' })]),
    );
    await fixture.log.append(onStream(busy, 'access', [accessLine(new Date(), '/everywhere', '192.0.2.79')]));
    const sizes = pipeline.app.get(StateSizes, { strict: false });
    await fixture.until('both groups to be measured', async () => {
      await sizes.measure();
      const [[own], [fleet]] = [await kept(busy), await kept('')];
      return (own?.groups ?? 0) > 0 && (fleet?.groups ?? 0) > 0 ? true : undefined;
    });
    expect(await kept(busy)).toEqual([expect.objectContaining({ has: true })]);
    expect(await kept(quiet)).toEqual([{ groups: 0, has: false }]);
  });

  it('is told of the stages, of all instances together', async () => {
    const tenant = await fixture.addSilo();
    const pipeline = await fixture.start();
    await fixture.log.append(onStream(tenant, 'access', [accessLine(new Date(), '/probe/1')]));
    await fixture.untilAlerts(1);
    const steps = await fixture.until('both stages to have told', async () => {
      await pipeline.app.get(CorrelateWork, { strict: false }).write();
      const rows = await fixture.query<{ step: string; sound: boolean }>(
        `select stage || ' ' || step as step, times > 0 and seconds > 0 and latest_seconds > 0 as sound
         from stage_work where step <> 'rebalance' order by 1`,
      );
      return rows.length >= 6 ? rows : undefined;
    });
    expect(steps).toEqual(
      ['correlate batch', 'correlate commit', 'correlate relay', 'detect batch', 'detect match', 'detect send'].map(
        (step) => ({ step, sound: true }),
      ),
    );
  });
});
