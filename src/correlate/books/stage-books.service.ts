import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import type { Tx } from '../../platform/database/database.js';
import { announce } from '../../platform/live/live.js';
import { EntityActivityRepository } from '../alerts/entity-activity.repository.js';
import type { PartitionMemory } from '../partition-memory.js';
import { SilenceRepository } from '../silence/silence.repository.js';
import { StageWorkRepository } from './stage-work.repository.js';
import { StreamStatisticsRepository } from './stream-statistics.repository.js';

const WRITE_EVERY_MS = 2_000;
/** How often those who look at silos are told that figures moved. */
const ANNOUNCE_EVERY_MS = 4_000;
const TIDY_EVERY_MS = 10 * 60_000;

/** Writes what detection told: counts per silo and what watched entities did. A crash may lose the last two seconds of counts, never an event. */
@Injectable()
export class StageBooks {
  private tidiedMs = 0;
  private announcedMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly activity: EntityActivityRepository,
    private readonly silences: SilenceRepository,
    private readonly statistics: StreamStatisticsRepository,
    private readonly work: StageWorkRepository,
  ) {}

  /** Whether enough time has gone by, on the progress clock, to write again. */
  isTime({ watermarks, countedMs, counts }: PartitionMemory): boolean {
    return counts.length > 0 && watermarks.clockMs - countedMs >= WRITE_EVERY_MS;
  }

  async write(tx: Tx, memory: PartitionMemory): Promise<void> {
    const now = this.clock.now();
    if (memory.seen.length > 0) {
      await this.activity.saw(tx, memory.seen);
      memory.seen = [];
    }
    if (!this.isTime(memory)) return;
    const { clockMs } = memory.watermarks;
    const seconds = memory.countedMs === 0 ? WRITE_EVERY_MS / 1000 : (clockMs - memory.countedMs) / 1000;
    await this.statistics.add(tx, memory.counts, seconds, now);
    memory.counts = [];
    await this.work.add(tx, 'detect', memory.work, now);
    memory.work = [];
    memory.countedMs = clockMs;
    if (now.getTime() - this.announcedMs >= ANNOUNCE_EVERY_MS) {
      this.announcedMs = now.getTime();
      // One word for all: whoever looks at silos asks again.
      await announce(tx, { topic: 'silo', id: 'all', tenants: [] });
    }
    if (now.getTime() - this.tidiedMs < TIDY_EVERY_MS) return;
    this.tidiedMs = now.getTime();
    await this.statistics.removeOld(tx, now);
    await this.silences.removeOld(tx, now);
    await this.activity.removeOver(tx, now);
  }
}
