import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SleepWatch } from '../ingest/sleep-watch.service.js';
import { SourceDirectory } from '../ingest/source-directory.service.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { Config } from '../platform/config/config.js';
import {
  EventLog,
  type PartitionFailure,
  type ReaderPosition,
  type Rebalance,
} from '../platform/event-log/event-log.js';
import { Readiness } from '../platform/http/readiness.js';
import { Log } from '../platform/logging/logging.js';
import { ServiceRoles } from '../platform/roles/service-roles.js';
import { BatchDetection } from './batch-detection.service.js';
import { DetectProgress } from './detect-progress.service.js';
import { detectConfig } from './detect.config.js';
import { RuleSet } from './rule-set.service.js';
import { SignalPacing } from './signal-pacing.service.js';
import { isOutdated, SignalsTopic } from './signals-topic.service.js';
import { StageReader } from './stage-reader.js';
import { WatchedEntities } from './watched-entities.service.js';

const PROGRESS_EVERY_MS = 1_000;
const WATCHES_EVERY_MS = 2_000;
const PACING_EVERY_MS = 250;

/** The stage that reads silos: started when the application is up, ended with the batch in hand. */
@Injectable()
export class DetectStage implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reader: StageReader;
  private timers: NodeJS.Timeout[] = [];
  private isTelling = false;
  /** When progress was last told, by `performance.now()`. */
  private toldAt = performance.now();

  constructor(
    private readonly batches: BatchDetection,
    private readonly config: Config,
    private readonly eventLog: EventLog,
    private readonly log: Log,
    private readonly metrics: StageMetrics,
    private readonly pacing: SignalPacing,
    private readonly progress: DetectProgress,
    private readonly roles: ServiceRoles,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
    private readonly sleep: SleepWatch,
    private readonly sources: SourceDirectory,
    private readonly watched: WatchedEntities,
    readiness: Readiness,
  ) {
    this.reader = new StageReader('detect', log, readiness);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.roles.has('detect')) return;
    await this.signalsTopic.ensure();
    await this.rules.start();
    await this.watched.refresh();
    const reader = await this.eventLog.consume({
      group: 'silowatch-detect',
      groups: this.config.get(detectConfig).DETECT_GROUPS,
      topics: () => this.sources.discover(),
      handler: async (batch) => {
        const done = this.metrics.batchSeconds.startTimer({ stage: 'detect' });
        await this.batches.handle(batch);
        done();
      },
      onFailure: (failure) => this.failed(failure),
      onOutOfRange: (fault) => this.batches.outOfRange(fault),
      onRebalanced: (rebalance) => this.rebalanced(rebalance),
    });
    this.reader.open(reader);
    this.timers = [
      setInterval(() => void this.tell(), PROGRESS_EVERY_MS),
      setInterval(() => void this.watch(), WATCHES_EVERY_MS),
      setInterval(() => void this.pace(), PACING_EVERY_MS),
    ];
    this.log.info({ event: 'detect.started', instance: this.progress.instance }, 'reading the silos');
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.rules.stop();
    if (!(await this.reader.close())) return;
    await this.progress.send([]).catch(() => undefined);
    this.log.info({ event: 'detect.stopped' }, 'stopped reading the silos');
  }

  private async tell(): Promise<void> {
    this.sleep.stayAwake();
    const reader = this.reader.present;
    this.metrics.stoppedPartitions.set({ stage: 'detect' }, this.reader.stopped);
    if (reader === undefined) {
      this.toldAt = performance.now();
      this.progress.readsNothing();
    }
    this.metrics.progressAgeSeconds.set((performance.now() - this.toldAt) / 1000);
    if (reader === undefined || this.isTelling) return;
    this.isTelling = true;
    try {
      await this.signalsTopic.confirm();
      const positions = reader.positions();
      for (const position of positions) {
        const source = this.sources.find(position.topic);
        if (source !== undefined) this.progress.progressOf(position, source);
      }
      await this.tellProgress(positions).catch((error: unknown) => this.notTold(error));
      // Whatever became of progress: silos that lag are told of all the more.
      await this.batches.reportLags(positions);
    } catch (error) {
      if (isOutdated(error)) this.reader.leave(error);
      this.notTold(error);
    } finally {
      this.isTelling = false;
    }
  }

  private async tellProgress(positions: readonly ReaderPosition[]): Promise<void> {
    await this.progress.send(positions);
    this.toldAt = performance.now();
  }

  private notTold(error: unknown): void {
    this.log.warn({ event: 'detect.progress_failed', error }, 'progress could not be told');
  }

  private rebalanced({ seconds, topics }: Rebalance): void {
    this.metrics.rebalanceSeconds.observe({ stage: 'detect' }, seconds);
    this.progress.takenUp(topics.flatMap((topic) => this.sources.find(topic) ?? []));
  }

  private async watch(): Promise<void> {
    await this.watched
      .refresh()
      .catch((error: unknown) => this.log.warn({ event: 'detect.watches_failed', error }, 'watches could not be read'));
  }

  private async pace(): Promise<void> {
    // What is not known is no reason to hold anybody up, and the database is asked again soon.
    await this.pacing
      .look()
      .catch((error: unknown) =>
        this.log.debug({ event: 'detect.pacing_failed', error }, 'positions could not be read'),
      );
  }

  private failed({ topic, partition, offset, attempt, retryInMs, error }: PartitionFailure): void {
    this.metrics.failures.inc({ stage: 'detect' });
    const place = { topic, partition, offset, attempt, retryInMs };
    this.log.warn({ event: 'detect.partition_failed', ...place, error }, 'a partition waits and is tried again');
    if (isOutdated(error)) this.reader.leave(error);
  }
}
