import { Injectable } from '@nestjs/common';
import { decodeMessage } from '../detect/signal-message.js';
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

/** Takes a signal out of the way that no try gets past, so that those behind it are not lost with it; an alert says so. */
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

  async signal(
    memory: PartitionMemory,
    batch: RecordBatch,
    record: LogRecord,
    reason: 'processing_failed' | 'process_died',
  ): Promise<void> {
    await this.eventLog.append([deadLetter('correlate', { ...batch, record }, reason)]);
    const message = decodeMessage(record.value);
    const position = record.offset + 1;
    memory.isStale = true;
    await this.database.transaction(system('correlate'), async (tx) => {
      const owned = await this.partitions.lock(tx, [memory]);
      if (!owned.has(memory)) throw new Fenced();
      const { outboxSequence, clockMs } = await this.partitions.load(tx, memory.partition);
      const place = { partition: memory.partition, position, outboxSequence, clockMs };
      await this.partitions.save(tx, [{ ...place, watermarks: undefined, marks: [] }]);
      if (message?.kind !== 'signal') return;
      await this.alerts.raise(tx, {
        tenant: message.tenant,
        ruleId: 'silowatch.signal-put-aside',
        title: 'A signal was put aside because it could not be counted',
        level: 'high',
        key: message.consumer,
        at: this.clock.now(),
        promises: ['MON-1'],
        respond:
          'Look at it with dead-letters list, report it to the maintainers of Silowatch, and replay it after the fix.',
      });
    });
    memory.position = position;
    memory.isStale = false;
    this.metrics.deadLetters.inc({ reason });
    const said = { partition: batch.partition, offset: record.offset, reason };
    this.log.error({ event: 'correlate.put_aside', ...said }, 'a signal was put aside');
  }
}
