import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { StageWork } from '../../ingest/stage-work.service.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { Log } from '../../platform/logging/logging.js';
import { SiloShares } from './silo-shares.service.js';
import { StageWorkRepository } from './stage-work.repository.js';

const WRITE_EVERY_MS = 5_000;

/** Adds what this instance's correlate did to that of all. Detect never writes to the database: its work travels in its progress. */
@Injectable()
export class CorrelateWork implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly log: Log,
    private readonly repository: StageWorkRepository,
    private readonly shares: SiloShares,
    private readonly work: StageWork,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  /** The stage has stopped by then: nothing more comes. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    await this.write();
  }

  /** Never rejects: what could not be written is written the next time. */
  async write(): Promise<void> {
    this.writing ??= this.writeNow().finally(() => (this.writing = undefined));
    await this.writing;
  }

  private async writeNow(): Promise<void> {
    const work = await this.work.take('correlate');
    const shares = this.shares.take();
    try {
      if (work.length > 0 || shares.size > 0) {
        await this.database.transaction(system('correlate'), async (tx) => {
          await this.repository.add(tx, 'correlate', work, this.clock.now());
          await this.repository.addSignalWork(tx, shares, this.clock.now());
        });
      }
    } catch (error) {
      this.work.giveBack('correlate', work);
      this.shares.giveBack(shares);
      this.log.warn({ event: 'correlate.work_not_written', error }, 'the times of batches are written later');
    }
  }
}
