import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import type { Entity } from './entity.js';
import { WatchList } from './watch-list.js';

/** Which entities somebody waits to hear of, by silo. Read again every other second. */
@Injectable()
export class WatchedEntities {
  private byTenant: ReadonlyMap<string, WatchList> = new Map();

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
  ) {}

  ofTenant(tenant: string): WatchList | undefined {
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
    const byTenant = new Map<string, Entity[]>();
    for (const { tenant_id: tenant, entity_kind: kind, entity_value: value } of rows) {
      const entities = byTenant.get(tenant);
      if (entities === undefined) byTenant.set(tenant, [{ kind, value }]);
      else entities.push({ kind, value });
    }
    this.byTenant = new Map([...byTenant].map(([tenant, entities]) => [tenant, new WatchList(entities)]));
  }
}
