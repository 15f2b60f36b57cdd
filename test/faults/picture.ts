import type pg from 'pg';
import { story, type Told } from './stories.js';

export type Query = <T extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<T[]>;

interface AlertRow {
  address: string | null;
  tenant_id: string;
  rule_id: string;
  rule_title: string;
  level: string;
  count: string;
  first_event_at: Date;
  last_event_at: Date;
  is_late: boolean;
  grouping: string[];
  entities: { kind: string; value: string }[];
  incident: string | null;
}

interface IncidentRow {
  id: string;
  severity: string;
  status: string;
  tenants: string[];
  alerts: string[] | null;
  addresses: string[] | null;
  pages: string[] | null;
}

/**
 * What a run left behind, one line for each alert, incident and page, in words that are the same for every run of the same stories: times
 * count from the story's beginning, and incidents are named by whom they are about. Two pictures are compared line by line.
 */
export async function picture(query: Query, told: readonly Told[]): Promise<string[]> {
  const starts = new Map(told.map((one) => [story(one).address, one.startMs]));
  return [...(await alertLines(query, starts)), ...(await incidentLines(query))].sort();
}

/** Alerts about how late or seldom records are read: they tell of the run's clock, not of its stories. */
const OF_READING = ['6f0f4c56-8d0e-4f0b-9d0a-1d1f6d7a2b04', 'silowatch.silo-silent'];

const FIRST_IP = `(select host((e->>'value')::inet) from jsonb_array_elements(entities) e where e->>'kind' = 'ip' limit 1)`;

async function alertLines(query: Query, starts: ReadonlyMap<string, number>): Promise<string[]> {
  const rows = await query<AlertRow>(
    `select ${FIRST_IP} as address, tenant_id, rule_id, rule_title, level, count, first_event_at, last_event_at, is_late, grouping, entities,
       incident_id as incident from alerts where rule_id <> all($1)`,
    [OF_READING],
  );
  return rows.map((row) => {
    const startMs = starts.get(row.address ?? '') ?? 0;
    const since = (at: Date): string => `+${at.getTime() - startMs} ms`;
    const entities = row.entities.map(({ kind, value }) => `${kind} ${value}`).sort();
    return [
      `alert ${row.address ?? 'of no address'} ${row.tenant_id} ${row.rule_id} ${row.count}`,
      `"${row.rule_title}" ${row.level} ${since(row.first_event_at)} to ${since(row.last_event_at)}`,
      `[${row.grouping.join(', ')}] {${entities.join(', ')}}`,
      `${row.incident === null ? 'in no incident' : 'in an incident'}${row.is_late ? ', late' : ''}`,
    ].join(' | ');
  });
}

/** The first page alone, as it went to the first step: how often an incident nobody acknowledges is escalated depends on how long the run lasts. */
async function incidentLines(query: Query): Promise<string[]> {
  const rows = await query<IncidentRow>(
    `select i.id, i.severity, i.status, i.tenants,
       (select array_agg(a.tenant_id || ' ' || a.rule_title order by a.tenant_id, a.rule_title) from alerts a where a.incident_id = i.id) as alerts,
       (select array_agg(distinct e.value) from alerts a join alert_entities e on e.alert_id = a.id
         where a.incident_id = i.id and e.kind = 'ip') as addresses,
       (select array_agg(p.cause || ' ' || t.address || ' ' || t.state order by p.cause, t.address)
         from pages p left join page_attempts t on t.page_id = p.id and t.cursor = 0 where p.incident_id = i.id) as pages
     from incidents i`,
  );
  return rows.map(({ severity, status, tenants, alerts, addresses, pages }) =>
    [
      `incident of ${addresses?.join(', ') ?? 'no address'}`,
      `${severity} ${status} ${[...tenants].sort().join(', ')}`,
      `alerts: ${alerts?.join('; ') ?? 'none'}`,
      `pages: ${pages?.join('; ') ?? 'none'}`,
    ].join(' | '),
  );
}

/** What is in `found` more often than in `wanted`. */
export function surplus(found: readonly string[], wanted: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of wanted) left.set(line, (left.get(line) ?? 0) + 1);
  return found.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
