import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RuleSet } from '../detect/rule-set.service.js';
import { isOutdated, SignalsTopic } from '../detect/signals-topic.service.js';
import { StageReader } from '../detect/stage-reader.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { Clock } from '../platform/clock/clock.js';
import { EventLog, Fenced, type OutOfRange, type PartitionFailure } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { Readiness } from '../platform/http/readiness.js';
import { Log } from '../platform/logging/logging.js';
import { ServiceRoles } from '../platform/roles/service-roles.js';
import { OutboxRelay } from './outbox-relay.service.js';
import { PartitionOwner } from './partition-owner.service.js';
import { SignalBatches } from './signal-batches.service.js';
import { StateSizes } from './books/state-sizes.service.js';

const LEAST_BATCH = 100;
const MEASURE_EVERY_MS = 1_000;
const CLEAR_EVERY_MS = 1_000;
const TELL_EVERY_MS = 2_000;
/** Reads every group once: a million of them in about a second. */
const SIZES_EVERY_MS = 60_000;

/** The stage that counts signals and raises alerts: started when the application is up, ended with the batch in hand. */
@Injectable()
export class CorrelateStage implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reader: StageReader;
  private timers: NodeJS.Timeout[] = [];
  private readonly underWay = new Set<string>();

  constructor(
    private readonly batches: SignalBatches,
    private readonly clock: Clock,
    private readonly eventLog: EventLog,
    private readonly log: Log,
    private readonly metrics: StageMetrics,
    private readonly owner: PartitionOwner,
    private readonly relay: OutboxRelay,
    private readonly roles: ServiceRoles,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
    private readonly stateSizes: StateSizes,
    readiness: Readiness,
  ) {
    this.reader = new StageReader('correlate', log, readiness);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.roles.has('correlate')) return;
    await this.signalsTopic.ensure();
    await this.rules.start();
    const reader = await this.eventLog.consumeAssigned({
      group: 'silowatch-correlate',
      topic: SIGNALS_TOPIC,
      // All that it holds: what waits goes into one transaction, and that is what takes long, whatever it carries.
      atOnce: this.signalsTopic.partitions,
      leastBatch: LEAST_BATCH,
      onAssigned: (partitions) => this.take(partitions),
      onRevoked: async (partitions) => this.owner.release(partitions),
      handler: async (batch) => {
        const done = this.metrics.batchSeconds.startTimer({ stage: 'correlate' });
        await this.batches.handle(batch);
        done();
      },
      onFailure: (failure) => this.failed(failure),
      onOutOfRange: (fault) => this.outOfRange(fault),
      onRebalanced: ({ seconds }) => this.metrics.rebalanceSeconds.observe({ stage: 'correlate' }, seconds),
    });
    this.reader.open(reader);
    this.timers = [
      setInterval(() => this.measure(), MEASURE_EVERY_MS),
      setInterval(() => void this.sweep('clear'), CLEAR_EVERY_MS),
      setInterval(() => void this.sweep('tell'), TELL_EVERY_MS),
      setInterval(() => void this.stateSizes.measure(), SIZES_EVERY_MS),
    ];
    this.log.info({ event: 'correlate.started' }, 'counting signals');
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.rules.stop();
    if (await this.reader.close()) this.log.info({ event: 'correlate.stopped' }, 'stopped counting signals');
  }

  private async take(partitions: readonly number[]): Promise<ReadonlyMap<number, number | 'stop'>> {
    try {
      const positions = await this.owner.take(partitions);
      for (const [partition, position] of positions) if (position === 'stop') this.staysStopped({ partition });
      return positions;
    } catch (error) {
      if (isOutdated(error)) this.reader.leave(error);
      throw error;
    }
  }

  private measure(): void {
    const positions = this.reader.present?.positions() ?? [];
    const nowMs = this.clock.nowMs();
    // Also of partitions that are being committed, or wait after a failure.
    const clocks = new Map(this.owner.held().map(({ partition, watermarks }) => [partition, watermarks.clockMs]));
    let [records, seconds] = [0, 0];
    for (const { partition, position, highWatermark } of positions) {
      const behind = Math.max(0, highWatermark - position);
      records += behind;
      const readMs = clocks.get(partition) ?? nowMs;
      // Progress arrives every second: its clock says when what is being read was written.
      if (behind > 0) seconds = Math.max(seconds, (nowMs - readMs) / 1000);
    }
    this.metrics.lagRecords.set({ stage: 'correlate' }, records);
    this.metrics.lagSeconds.set({ stage: 'correlate' }, seconds);
    this.metrics.partitions.set({ stage: 'correlate' }, positions.length);
    this.metrics.stoppedPartitions.set({ stage: 'correlate' }, this.reader.stopped);
  }

  /** Not before the run before has ended. What fails is done again the next time. */
  private async sweep(step: 'clear' | 'tell'): Promise<void> {
    if (this.underWay.has(step)) return;
    this.underWay.add(step);
    await this.relay[step](this.owner.held()).catch((error: unknown) =>
      this.log.warn({ event: 'correlate.sweep_failed', step, error }, 'firings that were sent on could not be swept'),
    );
    this.underWay.delete(step);
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

  private async outOfRange({ partition, position, start, end }: OutOfRange): Promise<'stop'> {
    this.staysStopped({ partition, position, start, end });
    await this.owner.stop(partition, this.clock.now());
    return 'stop';
  }

  /** The position is no silo's, so no silo's alert can say it: the partition stays stopped, which the metrics and the operators' alert rules show. */
  private staysStopped(place: Partial<OutOfRange>): void {
    this.log.error(
      { event: 'correlate.out_of_range', ...place },
      'the position lies, or lay, outside the signals log; the partition is stopped until silowatch signals resume',
    );
  }
}
