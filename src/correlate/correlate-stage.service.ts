import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RuleSet } from '../detect/rule-set.service.js';
import { SignalsTopic } from '../detect/signals-topic.service.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import {
  EventLog,
  Fenced,
  type LogReader,
  type OutOfRange,
  type PartitionFailure,
} from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { Log } from '../platform/logging/logging.js';
import { ServiceRoles } from '../platform/roles/service-roles.js';
import { PartitionOwner } from './partition-owner.service.js';
import { SignalBatches } from './signal-batches.service.js';

const MEASURE_EVERY_MS = 1_000;

/** The stage that counts signals and raises alerts: started when the application is up, ended with the batch in hand. */
@Injectable()
export class CorrelateStage implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private reader: LogReader | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly batches: SignalBatches,
    private readonly eventLog: EventLog,
    private readonly log: Log,
    private readonly metrics: StageMetrics,
    private readonly owner: PartitionOwner,
    private readonly roles: ServiceRoles,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.roles.has('correlate')) return;
    await this.signalsTopic.ensure();
    await this.rules.start();
    this.reader = await this.eventLog.consumeAssigned({
      group: 'silowatch-correlate',
      topic: SIGNALS_TOPIC,
      onAssigned: (partitions) => this.owner.take(partitions),
      onRevoked: async (partitions) => this.owner.release(partitions),
      handler: async (batch) => {
        const done = this.metrics.batchSeconds.startTimer({ stage: 'correlate' });
        await this.batches.handle(batch);
        done();
      },
      onFailure: (failure) => this.failed(failure),
      onOutOfRange: async (fault) => this.outOfRange(fault),
    });
    this.timer = setInterval(() => this.measure(), MEASURE_EVERY_MS);
    this.log.info({ event: 'correlate.started' }, 'counting signals');
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.rules.stop();
    const reader = this.reader;
    this.reader = undefined;
    await reader?.close();
    if (reader !== undefined) this.log.info({ event: 'correlate.stopped' }, 'stopped counting signals');
  }

  private measure(): void {
    const positions = this.reader?.positions() ?? [];
    const lag = positions.reduce((sum, { position, highWatermark }) => sum + Math.max(0, highWatermark - position), 0);
    this.metrics.lagRecords.set({ stage: 'correlate' }, lag);
    this.metrics.stoppedPartitions.set({ stage: 'correlate' }, this.reader?.stopped().length ?? 0);
  }

  private failed({ partition, offset, attempt, retryInMs, error }: PartitionFailure): void {
    if (error instanceof Fenced) return;
    this.metrics.failures.inc({ stage: 'correlate' });
    const place = { partition, offset, attempt, retryInMs };
    this.log.warn(
      { event: 'correlate.partition_failed', ...place, error },
      'a signals partition waits and is tried again',
    );
  }

  /** The position is no silo's, so no silo's alert can say it: the partition stays stopped, which the metrics and the operators' alert rules show. */
  private outOfRange({ partition, position, start, end }: OutOfRange): 'stop' {
    const place = { partition, position, start, end };
    this.log.error(
      { event: 'correlate.out_of_range', ...place },
      'the position lies outside the signals log; the partition is stopped',
    );
    return 'stop';
  }
}
