import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../../access/staff.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { notFound } from '../../platform/errors/domain-error.js';
import { readSiloCursor, writeSiloCursor } from './silo-cursor.js';
import { SiloDetailService } from './silo-detail.service.js';
import { SiloOverviewRepository } from './silo-overview.repository.js';
import type { SiloDetail, SiloNames, SiloOverviewList, SiloQuery } from './silo-overview.schema.js';
import { SiloViews } from './silo-views.service.js';

/** The silos and how their streams are doing, as far as the asking person may see them. */
@Injectable()
export class SiloOverviewService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly details: SiloDetailService,
    private readonly overviews: SiloOverviewRepository,
    private readonly views: SiloViews,
  ) {}

  list(staff: Staff, query: SiloQuery): Promise<SiloOverviewList> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const now = this.clock.now();
      const found = await this.overviews.list(tx, query, readSiloCursor(query.cursor, query.order), now);
      const rows = found.slice(0, query.limit);
      const last = found.length > query.limit ? rows.at(-1) : undefined;
      return {
        items: await this.views.of(tx, rows, now),
        nextCursor: last === undefined ? null : writeSiloCursor(last),
        totals: await this.overviews.totals(tx, now),
        pipeline: await this.views.together(tx),
      };
    });
  }

  names(staff: Staff): Promise<SiloNames> {
    return this.database.transaction(scopeOf(staff), async (tx) => ({ items: await this.overviews.names(tx) }));
  }

  find(staff: Staff, tenant: string): Promise<SiloDetail> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const now = this.clock.now();
      const row = await this.overviews.find(tx, tenant);
      const [overview] = row === undefined ? [] : await this.views.of(tx, [row], now);
      if (overview === undefined) throw notFound('The silo');
      return { ...overview, ...(await this.details.of(tx, tenant, now)) };
    });
  }
}
