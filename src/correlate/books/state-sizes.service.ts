import { Injectable } from '@nestjs/common';
import type { Gauge } from 'prom-client';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { Log } from '../../platform/logging/logging.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { GroupRepository } from '../group.repository.js';
import { PartitionOwner } from '../partition-owner.service.js';
import { StateSizeRepository } from './state-size.repository.js';

/** Whoever holds it measures by silo, for all: a silo's groups lie in every partition. */
const MEASURES_SILOS = 0;

/** How large the state of the held partitions is: groups in the database, and what of it lies in memory. */
@Injectable()
export class StateSizes {
  private readonly groups: Gauge<'partition'>;
  private readonly bytes: Gauge<'partition'>;
  private isMeasuring = false;

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly log: Log,
    private readonly owner: PartitionOwner,
    private readonly repository: GroupRepository,
    private readonly silos: StateSizeRepository,
    metrics: Metrics,
  ) {
    const labels = ['partition'] as const;
    this.groups = metrics.gauge('silowatch_correlate_groups', 'Groups that are being counted, in the database', labels);
    const bytes = 'What the groups of a partition take in the database';
    this.bytes = metrics.gauge('silowatch_correlate_state_bytes', bytes, labels);
    metrics.gauge('silowatch_correlate_cached_groups', 'Groups that are held in memory too', labels, (gauge) => {
      for (const { partition, groups } of owner.held()) gauge.set({ partition }, groups.size);
    });
    metrics.gauge('silowatch_correlate_marks', 'Marks by which repeats are known', labels, (gauge) => {
      for (const { partition, marks } of owner.held()) gauge.set({ partition }, marks.size);
    });
  }

  /** Reads every group of the held partitions in one statement, and in one for the silos. Never rejects. */
  async measure(): Promise<void> {
    const partitions = this.owner.held().map(({ partition }) => partition);
    if (this.isMeasuring) return;
    this.isMeasuring = true;
    try {
      const sizes = await this.database.transaction(system('correlate'), (tx) => this.repository.sizes(tx, partitions));
      // Those that moved away are another instance's to tell.
      this.groups.reset();
      this.bytes.reset();
      for (const partition of partitions) {
        this.groups.set({ partition }, sizes.get(partition)?.groups ?? 0);
        this.bytes.set({ partition }, sizes.get(partition)?.bytes ?? 0);
      }
      if (partitions.includes(MEASURES_SILOS)) {
        await this.database.transaction(system('correlate'), (tx) => this.silos.measure(tx, this.clock.now()));
      }
    } catch (error) {
      this.log.warn({ event: 'correlate.sizes_failed', error }, 'the size of the state could not be read');
    } finally {
      this.isMeasuring = false;
    }
  }
}
