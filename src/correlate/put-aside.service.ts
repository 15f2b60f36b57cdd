import { Injectable } from '@nestjs/common';
import { encodeMessage, type SignalsMessage } from '../detect/signal-message.js';
import { deadLetter } from '../ingest/dead-letter.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { EventLog, Fenced, type LogRecord, type RecordBatch } from '../platform/event-log/event-log.js';
import { Log } from '../platform/logging/logging.js';
import { AlertService } from './alert.service.js';
import type { PartitionMemory } from './partition-memory.js';
import { PartitionRepository } from './partition.repository.js';

export type PutAsideReason = 'processing_failed' | 'process_died';

/** Takes signals out of the way that no try gets past, so that those behind them are not lost with them; an alert says so. */
@Injectable()
export class PutAsideService {
  constructor(
    private readonly clock: Clock,
    private readonly alerts: AlertService,
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly log: Log,
    private readonly metrics: StageMetrics,
    private readonly partitions: PartitionRepository,
  ) {}

  /** `fault`: what of the record could not be counted; undefined when it holds no signals. */
  async record(
    memory: PartitionMemory,
    batch: RecordBatch,
    record: LogRecord,
    fault: SignalsMessage | undefined,
    reason: PutAsideReason,
  ): Promise<void> {
    const value = fault === undefined ? record.value : renamed(fault, batch.partition, record.offset);
    await this.eventLog.append([deadLetter('correlate', { ...batch, record: { ...record, value } }, reason)]);
    const position = record.offset + 1;
    memory.isStale = true;
    await this.database.transaction(system('correlate'), async (tx) => {
      const owned = await this.partitions.lock(tx, [memory]);
      if (!owned.has(memory)) throw new Fenced();
      const { outboxSequence, clockMs } = await this.partitions.load(tx, memory.partition);
      const place = { partition: memory.partition, position, outboxSequence, clockMs };
      await this.partitions.save(tx, [{ ...place, watermarks: undefined, marks: [] }]);
      if (fault === undefined) return;
      for (const consumer of new Set(fault.signals.map((signal) => signal.consumer))) {
        await this.alerts.raise(tx, {
          tenant: fault.tenant,
          ruleId: 'silowatch.signal-put-aside',
          title: 'A signal was put aside because it could not be counted',
          level: 'high',
          key: consumer,
          at: this.clock.now(),
          promises: ['MON-1'],
          respond:
            'Look at it with dead-letters list, report it to the maintainers of Silowatch, and replay it after the fix.',
        });
      }
    });
    memory.position = position;
    memory.isStale = false;
    this.metrics.deadLetters.inc({ reason });
    const said = { partition: batch.partition, offset: record.offset, signals: fault?.signals.length, reason };
    this.log.error({ event: 'correlate.put_aside', ...said }, 'signals were put aside');
  }
}

/** Under an origin of their own: under the old one a replay would pass for taken, since later signals of the same source were counted meanwhile. */
function renamed(fault: SignalsMessage, partition: number, offset: number): Buffer {
  const origin = { ...fault.origin, source: `put-aside/${partition}/${offset}`, offset: 0 };
  return Buffer.from(encodeMessage({ ...fault, origin }));
}
