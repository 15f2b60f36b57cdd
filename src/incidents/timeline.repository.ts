import { Injectable } from '@nestjs/common';
import type { Actor } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { Ids } from '../platform/ids/ids.js';

export const TIMELINE_KINDS = ['alert', 'page', 'action', 'note', 'decision', 'mail', 'status', 'evidence'] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** Who or what did it. `name` is what the timeline shows; without one a member of staff is looked up, others show their id. */
export type TimelineActor = Omit<Actor, 'kind'> & { readonly kind: Actor['kind'] | 'silo'; readonly name?: string };

/** Where a raw event lies and what it must hash to. */
export interface EvidenceReference {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly sha256: string;
}

export interface TimelineEntry {
  readonly incidentId: string;
  /** The silo that the entry speaks of; null for the incident as a whole (then seen only by those who see all of its silos). */
  readonly tenant: string | null;
  /** When it happened, which may lie before the time of recording. */
  readonly at: Date;
  readonly kind: TimelineKind;
  readonly actor: TimelineActor;
  /** Plain text; parts that come from events or mails are shown as they are, never as markup. */
  readonly text: string;
  readonly links?: readonly { readonly label: string; readonly href: string }[];
  readonly evidence?: readonly EvidenceReference[];
}

export interface RecordedEntry extends Required<TimelineEntry> {
  readonly id: string;
  readonly recordedAt: Date;
}

interface Row {
  id: string;
  incident_id: string;
  tenant_id: string | null;
  at: Date;
  recorded_at: Date;
  kind: TimelineKind;
  actor_kind: TimelineActor['kind'];
  actor_id: string;
  actor_name: string;
  text: string;
  links: RecordedEntry['links'];
  evidence: RecordedEntry['evidence'];
}

/** Longer texts are cut: an entry may quote a hostile event. */
const MAX_TEXT_CHARACTERS = 20_000;

/** The incident's one timeline. Append-only: the database role can neither change nor delete an entry. */
@Injectable()
export class TimelineRepository {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Writes one entry in the caller's transaction. Pages name no silo, so that whoever sees the incident sees who was paged. */
  async append(tx: Tx, entry: TimelineEntry): Promise<void> {
    await tx.query(
      `insert into timeline_entries
         (id, incident_id, silos, tenant_id, at, recorded_at, kind, actor_kind, actor_id, actor_name, text, links, evidence)
       values ($1, $2,
         case when $3::text is not null then array[$3::text]
              when $6::text = 'page' then '{}'::text[]
              else coalesce((select array_agg(tenant_id order by tenant_id) from incident_silos where incident_id = $2), '{}') end,
         $3, $4, $5, $6, $7, $8,
         coalesce($9, (select name from staff where $7 = 'staff' and id::text = $8), $8), $10, $11, $12)`,
      [
        this.ids.uuid(),
        entry.incidentId,
        entry.tenant,
        entry.at,
        this.clock.now(),
        entry.kind,
        entry.actor.kind,
        entry.actor.id,
        entry.actor.name ?? null,
        entry.text.slice(0, MAX_TEXT_CHARACTERS),
        JSON.stringify(entry.links ?? []),
        JSON.stringify(entry.evidence ?? []),
      ],
    );
    // Whatever is worth an entry may have met or opened a gate: the sweep looks at the incident at once.
    await tx.query(`update incidents set recheck_at = $2 where id = $1 and status <> 'closed'`, [
      entry.incidentId,
      this.clock.now(),
    ]);
  }

  /** Newest first; `before` is the cursor's (at, id) of the last entry seen. */
  async list(
    tx: Tx,
    incidentId: string,
    options: { kind?: TimelineKind; before?: { at: Date; id: string }; limit: number },
  ): Promise<readonly RecordedEntry[]> {
    const rows = await tx.query<Row[]>(
      `select id, incident_id, tenant_id, at, recorded_at, kind, actor_kind, actor_id, actor_name, text, links, evidence
       from timeline_entries
       where incident_id = $1 and ($2::text is null or kind = $2)
         and ($3::timestamptz is null or (at, id) < ($3::timestamptz, $4::uuid))
       order by at desc, id desc limit $5`,
      [incidentId, options.kind ?? null, options.before?.at ?? null, options.before?.id ?? null, options.limit],
    );
    return rows.map(toEntry);
  }
}

function toEntry(row: Row): RecordedEntry {
  return {
    id: row.id,
    incidentId: row.incident_id,
    tenant: row.tenant_id,
    at: row.at,
    recordedAt: row.recorded_at,
    kind: row.kind,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    text: row.text,
    links: row.links,
    evidence: row.evidence,
  };
}
