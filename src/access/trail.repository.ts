import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { Ids } from '../platform/ids/ids.js';

/** Who did it: a person, a token, a job of the service, or the holder of a link. */
export interface Actor {
  readonly kind: 'staff' | 'token' | 'job' | 'link' | 'operator';
  readonly id: string;
  readonly ip?: string;
}

/** One row of the audit trail. Values are JSON without secrets. */
export interface TrailEntry {
  readonly actor: Actor;
  /** `noun.verb`, e.g. `incident.merge`. */
  readonly action: string;
  readonly object: { readonly type: string; readonly id: string };
  readonly tenant?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Writes the audit trail. Called in the transaction of the change that it records, always. */
@Injectable()
export class TrailRepository {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async record(tx: Tx, entry: TrailEntry): Promise<void> {
    await tx.query(
      `insert into trail_entries (id, at, actor_kind, actor_id, actor_ip, action, object_type, object_id, tenant_id, before, after)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        this.ids.uuid(),
        this.clock.now(),
        entry.actor.kind,
        entry.actor.id,
        entry.actor.ip ?? null,
        entry.action,
        entry.object.type,
        entry.object.id,
        entry.tenant ?? null,
        entry.before === undefined ? null : JSON.stringify(entry.before),
        entry.after === undefined ? null : JSON.stringify(entry.after),
      ],
    );
  }
}
