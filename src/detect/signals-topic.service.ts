import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { platformTopics } from '../platform/event-log/topics.js';
import { detectConfig } from './detect.config.js';

interface LayoutRow {
  readonly signals_partitions: number;
  readonly former_partitions: number[];
}

/** Silowatch's own topics. A signals topic with another partition count than configured stops the start: keys would move. */
@Injectable()
export class SignalsTopic {
  readonly partitions: number;
  /** The counts that it had before. */
  formerPartitions: readonly number[] = [];
  private ready: Promise<void> | undefined;

  constructor(
    config: Config,
    private readonly database: Database,
    private readonly eventLog: EventLog,
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

  private async make(): Promise<void> {
    const wanted = this.partitions;
    const [row] = await this.database.transaction(system('correlate'), async (tx) => {
      await tx.query('insert into correlate_log (signals_partitions) values ($1) on conflict do nothing', [wanted]);
      return tx.query<LayoutRow[]>('select signals_partitions, former_partitions from correlate_log');
    });
    const recorded = row?.signals_partitions ?? wanted;
    if (recorded !== wanted) {
      throw new DomainError(
        'SIGNALS_PARTITIONS_DIFFER',
        `SIGNALS_PARTITIONS is ${wanted}, but state was made for ${recorded}: set it back to ${recorded}, or stop every instance and run silowatch signals resize ${wanted}`,
      );
    }
    this.formerPartitions = row?.former_partitions ?? [];
    await this.eventLog.ensureTopics(platformTopics(wanted));
  }
}
