import { Injectable } from '@nestjs/common';
import type { SentSignal } from '../detect/signal-message.js';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { AlertService } from './alerts/alert.service.js';
import { AlertWriter } from './alerts/alert-writer.service.js';
import type { WrittenAlert } from './alerts/alert.repository.js';
import type { BatchCorrelation } from './correlate-batch.js';
import type { Worked } from './partition-commit.js';

/** Writes the alerts that batches come to, and says what of them was put aside. */
@Injectable()
export class BatchAlerts {
  constructor(
    private readonly clock: Clock,
    private readonly alerts: AlertService,
    private readonly writer: AlertWriter,
  ) {}

  /** Alerts and what was seen of entities lock the same rows: one order for all writers. */
  async lock(tx: Tx, worked: readonly Worked[]): Promise<void> {
    const locks = worked.some(
      ({ memory, work }) => work.drafts.size > 0 || work.aside.length > 0 || memory.seen.length > 0,
    );
    if (locks) await this.writer.lock(tx);
  }

  /** Gives the alerts of each batch. */
  async write(tx: Tx, worked: readonly Worked[]): Promise<readonly (readonly WrittenAlert[])[]> {
    const alerts = await this.writeDrafts(tx, worked);
    for (const { sent } of worked.flatMap(({ work }) => work.aside)) await this.sayPutAside(tx, sent);
    return alerts;
  }

  private async sayPutAside(tx: Tx, { tenant, signal }: SentSignal): Promise<void> {
    await this.alerts.raise(tx, {
      tenant,
      ruleId: 'silowatch.signal-put-aside',
      title: 'A signal was put aside because it could not be counted',
      level: 'high',
      key: signal.consumer,
      at: this.clock.now(),
      promises: ['MON-1'],
      respond:
        'Look at it with dead-letters list, report it to the maintainers of Silowatch, and replay it after the fix.',
    });
  }

  private async writeDrafts(tx: Tx, worked: readonly Worked[]): Promise<readonly (readonly WrittenAlert[])[]> {
    const written = new Map<BatchCorrelation, readonly WrittenAlert[]>();
    let waiting = worked.map(({ work }) => work).filter(({ drafts }) => drafts.size > 0);
    while (waiting.length > 0) {
      const [together, later] = withoutClash(waiting);
      const alerts = await this.writer.write(
        tx,
        together.flatMap(({ drafts }) => [...drafts.values()]),
      );
      let at = 0;
      for (const work of together) written.set(work, alerts.slice(at, (at += work.drafts.size)));
      waiting = later;
    }
    return worked.map(({ work }) => written.get(work) ?? []);
  }
}

/** Splits off what has an alert in common with an earlier one, as two partitions have only while rules change under an alert. */
function withoutClash(works: readonly BatchCorrelation[]): [together: BatchCorrelation[], later: BatchCorrelation[]] {
  const [together, later]: [BatchCorrelation[], BatchCorrelation[]] = [[], []];
  const identities = new Set<string>();
  for (const work of works) {
    const clashes = [...work.drafts.keys()].some((identity) => identities.has(identity));
    (clashes ? later : together).push(work);
    for (const identity of work.drafts.keys()) identities.add(identity);
  }
  return [together, later];
}
