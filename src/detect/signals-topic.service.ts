import { Injectable } from '@nestjs/common';
import { SleepWatch } from '../ingest/sleep-watch.service.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { platformTopics, SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { detectConfig } from './detect.config.js';

interface LayoutRow {
  readonly signals_partitions: number;
  readonly former_partitions: number[];
}

const OTHER_COUNT = 'SIGNALS_PARTITIONS_DIFFER';
/** Less than `signals resize` listens for whether anybody still writes. */
const CONFIRMED_FOR_MS = 10_000;

/** The number of partitions is another by now: this process ran, or slept, through a resize, and has to be started anew. */
export const isOutdated = (error: unknown): boolean => error instanceof DomainError && error.code === OTHER_COUNT;

/** Silowatch's own topics. A signals topic with another partition count than configured stops the start: keys would move. */
@Injectable()
export class SignalsTopic {
  readonly partitions: number;
  /** The counts that it had before. */
  formerPartitions: readonly number[] = [];
  private ready: Promise<void> | undefined;
  /** When it was last asked whether the count is still the same. */
  private askedMs = -Infinity;
  /** `SleepWatch.wakings` when the last answer was asked for. */
  private answeredAt = 0;

  constructor(
    private readonly clock: Clock,
    config: Config,
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly sleep: SleepWatch,
  ) {
    this.partitions = config.get(detectConfig).SIGNALS_PARTITIONS;
  }

  /** Makes the topics at the first call, and refuses to where the correlator's state was made for another number of partitions. */
  ensure(): Promise<void> {
    this.ready ??= this.make().catch((error: unknown) => {
      this.ready = undefined;
      throw error;
    });
    return this.ready;
  }

  /** Throws what `isOutdated` knows when the state is now for another number of partitions. */
  async check(tx: Tx): Promise<void> {
    const [row] = await tx.query<LayoutRow[]>('select signals_partitions from correlate_log');
    this.requireSame(row?.signals_partitions);
  }

  /**
   * As `check`, asked again when the last answer is too old. While the database is away the last answer holds, unless the process slept
   * since: who is awake and tells its progress keeps a resize from beginning.
   */
  async confirm(): Promise<void> {
    const nowMs = this.clock.nowMs();
    const { wakings } = this.sleep;
    if (this.answeredAt === wakings && Math.abs(nowMs - this.askedMs) < CONFIRMED_FOR_MS) return;
    this.askedMs = nowMs;
    try {
      await this.database.transaction(system('correlate'), (tx) => this.check(tx));
      this.answeredAt = wakings;
    } catch (error) {
      if (isOutdated(error)) this.answeredAt = 0;
      if (this.answeredAt !== this.sleep.wakings) throw error;
    }
  }

  private requireSame(recorded = this.partitions): void {
    const wanted = this.partitions;
    if (recorded === wanted) return;
    throw new DomainError(
      OTHER_COUNT,
      `SIGNALS_PARTITIONS is ${wanted}, but state was made for ${recorded}: set it back to ${recorded}, or stop every instance and run silowatch signals resize ${wanted}`,
    );
  }

  private async make(): Promise<void> {
    const wanted = this.partitions;
    const [row] = await this.database.transaction(system('correlate'), async (tx) => {
      await tx.query('insert into correlate_log (signals_partitions) values ($1) on conflict do nothing', [wanted]);
      return tx.query<LayoutRow[]>('select signals_partitions, former_partitions from correlate_log');
    });
    this.requireSame(row?.signals_partitions);
    this.formerPartitions = row?.former_partitions ?? [];
    await this.stopIfLost();
    await this.eventLog.ensureTopics(platformTopics(wanted));
  }

  /**
   * Stops the partitions that were read of a topic that is gone, before it is made anew: the new one may have grown past their positions when
   * a correlator looks.
   */
  private async stopIfLost(): Promise<void> {
    if ((await this.eventLog.listTopics()).some(({ name }) => name === SIGNALS_TOPIC)) return;
    await this.database.transaction(system('correlate'), (tx) =>
      tx.query('update correlate_partitions set stopped_at = $1 where position > 0 and stopped_at is null', [
        this.clock.now(),
      ]),
    );
  }
}
