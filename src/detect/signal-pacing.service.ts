import { Injectable } from '@nestjs/common';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { type Position, Postponed } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { SignalBacklog } from './signal-backlog.js';

/** A silo that has sent its share is looked at again after this. */
const REST_MS = 250;

/** Keeps a silo of which more matches than can be counted from delaying the alerts of the others. Goes by time that no clock's jump changes. */
@Injectable()
export class SignalPacing {
  private readonly backlog = new SignalBacklog();
  private isLooking = false;

  constructor(
    private readonly database: Database,
    private readonly metrics: StageMetrics,
  ) {}

  /** How many messages the silo may send now, at least one; throws Postponed when it has to wait. */
  roomFor(tenant: string): number {
    const room = this.backlog.roomFor(tenant);
    if (room < 1) this.putOff(tenant);
    return room;
  }

  /** The silo's share is used up; `doneTo` as Postponed has it. */
  putOff(tenant: string, doneTo?: number): never {
    this.metrics.siloPostponed.inc({ silo: tenant });
    throw new Postponed(REST_MS, doneTo);
  }

  /** What the log acknowledged. */
  sent(tenant: string, positions: readonly Position[]): void {
    const nowMs = performance.now();
    for (const { topic, partition, offset } of positions) {
      if (topic === SIGNALS_TOPIC) this.backlog.sent(tenant, partition, offset, nowMs);
    }
  }

  /** Looks how far the correlators are, while anything waits for them. */
  async look(): Promise<void> {
    this.backlog.forgetStalled(performance.now());
    // A database that hangs is asked once.
    if (this.backlog.isIdle || this.isLooking) return;
    this.isLooking = true;
    try {
      const rows = await this.database.transaction(system('correlate'), (tx) =>
        tx.query<{ partition: number; position: string }[]>('select partition, position from correlate_partitions'),
      );
      const positions = new Map(rows.map(({ partition, position }) => [partition, Number(position)]));
      this.backlog.countedTo(positions, performance.now());
    } finally {
      this.isLooking = false;
    }
  }
}
