import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { type Entity, entityText } from './entity.js';

/** Which entities somebody waits to hear of, by silo. Read again every other second. */
@Injectable()
export class WatchedEntities {
  private byTenant: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
  ) {}

  ofTenant(tenant: string): ReadonlySet<string> | undefined {
    return this.byTenant.get(tenant);
  }

  async refresh(): Promise<void> {
    const now = this.clock.now();
    const rows = await this.database.transaction(system('ingest'), (tx) =>
      tx.query<{ tenant_id: string; entity_kind: Entity['kind']; entity_value: string }[]>(
        'select tenant_id, entity_kind, entity_value from entity_activity where watched_until > $1 limit 100000',
        [now],
      ),
    );
    const byTenant = new Map<string, Set<string>>();
    for (const row of rows) {
      const watched = byTenant.get(row.tenant_id) ?? new Set();
      byTenant.set(row.tenant_id, watched.add(entityText({ kind: row.entity_kind, value: row.entity_value })));
    }
    this.byTenant = byTenant;
  }
}
