import type { paths } from './schema';

/** What a GET of `P` answers. */
type Answer<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer T } } } };
}
  ? T
  : never;
type Item<P extends keyof paths> = Answer<P> extends { items: (infer T)[] } ? T : never;

export type Me = Answer<'/api/session'>;
export type Now = Answer<'/api/now'>;
export type IncidentSummary = Item<'/api/incidents'>;
export type Incident = Answer<'/api/incidents/{id}'>;
export type TimelineEntry = Item<'/api/incidents/{id}/timeline'>;
export type Clock = Incident['clocks'][number];
export type Workstream = IncidentSummary['workstreams'][number];
export type WorkstreamKind = Workstream['kind'];
export type Severity = IncidentSummary['severity'];
export type IncidentStatus = IncidentSummary['status'];
export type Alert = Item<'/api/alerts'>;
export type Level = Alert['level'];
export type Verdict = NonNullable<Alert['verdict']>;
export type EvidenceEvent = Answer<'/api/alerts/{id}/evidence'>['events'][number];
export type Action = Item<'/api/incidents/{id}/actions'>;
export type CatalogueItem = Item<'/api/containment/catalogue'>;
export type NoticeSummary = Item<'/api/notices'>;
export type Notice = Answer<'/api/notices/{id}'>;
export type CorrectiveAction = Item<'/api/corrective-actions'>;
export type Silo = Item<'/api/silos'>;
export type SiloList = Answer<'/api/silos'>;
export type SiloDetail = Answer<'/api/silos/{tenant}'>;
export type OnCall = Answer<'/api/on-call'>;
export type Page = Item<'/api/pages'>;
/** Fields that are always null are left out of what the client hands on. */
type WithoutNulls<T extends { clocks: unknown[] }> = Omit<T, 'clocks'> & {
  clocks: Omit<T['clocks'][number], 'tenant'>[];
};
export type ReportSummary = WithoutNulls<Item<'/api/reports'>>;
export type Report = WithoutNulls<Answer<'/api/reports/{id}'>>;
export type TrailRow = Item<'/api/trail'>;
export type User = Item<'/api/users'>;
