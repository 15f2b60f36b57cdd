import { Injectable } from '@nestjs/common';
import { type Stage, STAGE_STEPS, type StepWork } from '../../ingest/stage-work.service.js';
import type { Tx } from '../../platform/database/database.js';
import type { SiloShare } from './silo-share.js';

/** What all instances together did at a step of a stage, ever since. */
export interface TotalWork extends StepWork {
  readonly stage: Stage;
  /** Of one time, on average of those that were told last. */
  readonly latestSeconds: number;
  readonly latestAt: Date;
}

/** What counting cost a silo, of all instances together, ever since. */
export interface SiloSignalWork extends SiloShare {
  /** Of one signal, on average of those that were told last. */
  readonly latestSeconds: number;
  readonly latestAt: Date;
}

/** Rows of `stage_work`, and of `silo_signal_work`. */
@Injectable()
export class StageWorkRepository {
  /** Adds what one instance did. A step that another version named is passed over. */
  async add(tx: Tx, stage: Stage, work: readonly StepWork[], now: Date): Promise<void> {
    const steps: readonly string[] = STAGE_STEPS[stage];
    const known = work.filter(({ step, times }) => steps.includes(step) && times > 0);
    if (known.length === 0) return;
    // In one order: two instances that add at the same time wait for each other in turn.
    known.sort((a, b) => (a.step < b.step ? -1 : 1));
    await tx.query(
      `insert into stage_work as w (stage, step, times, seconds, latest_seconds, latest_at)
       select $1, s, t, d, d / t, $5 from unnest($2::text[], $3::bigint[], $4::double precision[]) as c (s, t, d)
       on conflict (stage, step) do update set times = w.times + excluded.times, seconds = w.seconds + excluded.seconds,
         latest_seconds = excluded.latest_seconds, latest_at = excluded.latest_at`,
      [stage, known.map(({ step }) => step), known.map(({ times }) => times), known.map(({ seconds }) => seconds), now],
    );
  }

  /** Adds what counting cost each silo on one instance. */
  async addSignalWork(tx: Tx, shares: ReadonlyMap<string, SiloShare>, now: Date): Promise<void> {
    if (shares.size === 0) return;
    // In one order, as above.
    const rows = [...shares].sort(([a], [b]) => (a < b ? -1 : 1));
    await tx.query(
      `insert into silo_signal_work as w (tenant_id, signals, seconds, latest_seconds, latest_at)
       select t, n, d, d / n, $4 from unnest($1::text[], $2::bigint[], $3::double precision[]) as c (t, n, d)
       on conflict (tenant_id) do update set signals = w.signals + excluded.signals, seconds = w.seconds + excluded.seconds,
         latest_seconds = excluded.latest_seconds, latest_at = excluded.latest_at`,
      [
        rows.map(([tenant]) => tenant),
        rows.map(([, { signals }]) => signals),
        rows.map(([, { seconds }]) => seconds),
        now,
      ],
    );
  }

  async signalWork(tx: Tx, tenants: readonly string[]): Promise<ReadonlyMap<string, SiloSignalWork>> {
    const rows = await tx.query<(Omit<SiloSignalWork, 'signals'> & { tenant: string; signals: string })[]>(
      `select tenant_id as tenant, signals, seconds, latest_seconds as "latestSeconds", latest_at as "latestAt"
       from silo_signal_work where tenant_id = any($1)`,
      [tenants],
    );
    return new Map(rows.map(({ tenant, signals, ...work }) => [tenant, { ...work, signals: Number(signals) }]));
  }

  async all(tx: Tx): Promise<readonly TotalWork[]> {
    const rows = await tx.query<(Omit<TotalWork, 'times'> & { times: string })[]>(
      `select stage, step, times, seconds, latest_seconds as "latestSeconds", latest_at as "latestAt" from stage_work`,
    );
    const order = (['detect', 'correlate'] as const).flatMap((stage) =>
      STAGE_STEPS[stage].map((step) => `${stage} ${step}`),
    );
    return rows
      .map((row) => ({ ...row, times: Number(row.times) }))
      .sort((a, b) => order.indexOf(`${a.stage} ${a.step}`) - order.indexOf(`${b.stage} ${b.step}`));
  }
}
