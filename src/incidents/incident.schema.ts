import { z } from 'zod';
import { pageQuery } from '../platform/http/list-page.js';
import { SEVERITIES, STATUSES, WORKSTREAMS } from './incident.js';
import { TIMELINE_KINDS } from './timeline.repository.js';

const time = z.iso.datetime();
const person = z.object({ id: z.uuid(), name: z.string() });
/** A sentence or a few that a person typed. */
const words = z.string().trim().min(1).max(10_000);
/** A page of this dashboard or of the web; nothing that a browser would run. */
const href = z
  .string()
  .max(2_000)
  .regex(/^(\/(?!\/)|https?:\/\/)/, 'a path of this dashboard or a web address');

export const clockSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    tenant: z.string().nullable(),
    startedAt: time,
    dueAt: time,
    state: z.enum(['running', 'met', 'missed', 'waived']),
    why: z.string(),
    fractionElapsed: z.number(),
    isOurs: z.boolean(),
  })
  .meta({ id: 'Clock' });

export const workstreamSchema = z
  .object({
    kind: z.enum(WORKSTREAMS),
    state: z.enum(['not_started', 'in_progress', 'done', 'waived']),
    missing: z.array(z.string()),
  })
  .meta({ id: 'Workstream' });

export const incidentSummarySchema = z
  .object({
    id: z.uuid(),
    number: z.string(),
    title: z.string(),
    severity: z.enum(SEVERITIES),
    status: z.enum(STATUSES),
    tenants: z.array(z.string()),
    isRestricted: z.boolean(),
    commander: person.nullable(),
    openedAt: time,
    acknowledgedAt: time.nullable(),
    workstreams: z.array(workstreamSchema),
    nextClock: clockSchema.nullable(),
  })
  .meta({ id: 'IncidentSummary' });

export const incidentListSchema = z
  .object({ items: z.array(incidentSummarySchema), nextCursor: z.string().nullable() })
  .meta({ id: 'IncidentList' });

const whySchema = z.object({ text: z.string().trim().max(5_000), evidenceHref: href.optional() });

export const rootCauseSchema = z
  .object({
    category: z.string(),
    whatHappened: z.string(),
    whys: z.array(whySchema),
    introducedAt: time.nullable(),
    firstExploitedAt: time.nullable(),
    detectedAt: time.nullable(),
    editors: z.array(person),
    updatedAt: time,
    review: z
      .object({ verdict: z.enum(['accepted', 'returned']), comment: z.string(), reviewer: person, at: time })
      .nullable(),
    version: z.number(),
  })
  .meta({ id: 'RootCause' });

export const reviewSchema = z
  .object({
    heldOn: z.iso.date(),
    participants: z.array(z.string()),
    wentWell: z.string(),
    wentBadly: z.string(),
    noActionsReason: z.string().nullable(),
    author: person,
    updatedAt: time,
  })
  .meta({ id: 'Review' });

export const correctiveActionSchema = z
  .object({
    id: z.uuid(),
    incidentId: z.uuid(),
    number: z.string().optional(),
    title: z.string(),
    owner: person,
    dueOn: z.iso.date(),
    trackerUrl: z.string(),
    state: z.enum(['open', 'done', 'verified']),
    doneAt: time.nullable(),
    verifiedAt: time.nullable(),
    version: z.number(),
  })
  .meta({ id: 'CorrectiveAction' });

export const correctiveActionListSchema = z
  .object({ items: z.array(correctiveActionSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'CorrectiveActionList' });

const decisionSchema = z
  .object({
    tenant: z.string(),
    decision: z.enum(['notify', 'not_applicable']),
    reason: z.string(),
    author: person,
    decidedAt: time,
    approver: person.nullable(),
    approvedAt: time.nullable(),
  })
  .meta({ id: 'NotificationDecision' });

const waiverSchema = z
  .object({
    kind: z.enum(WORKSTREAMS),
    reason: z.string(),
    author: person,
    requestedAt: time,
    approver: person.nullable(),
    approvedAt: time.nullable(),
  })
  .meta({ id: 'Waiver' });

export const incidentDetailSchema = incidentSummarySchema
  .extend({
    description: z.string(),
    playbook: z.string().nullable(),
    firstEventAt: time,
    lastActivityAt: time,
    containedAt: time.nullable(),
    resolvedAt: time.nullable(),
    closedAt: time.nullable(),
    entities: z.array(
      z.object({ tenant: z.string(), kind: z.string(), value: z.string(), firstEventAt: time, lastEventAt: time }),
    ),
    links: z.array(z.object({ id: z.uuid(), number: z.string(), kind: z.string() })),
    alerts: z.array(z.unknown()),
    clocks: z.array(clockSchema),
    suggestions: z.array(z.object({ label: z.string(), action: z.string(), href: z.string() })),
    declaration: z
      .object({ statement: z.string(), author: person, declaredAt: time, lapsedAt: time.nullable() })
      .nullable(),
    rootCause: rootCauseSchema.nullable(),
    decisions: z.array(decisionSchema),
    waivers: z.array(waiverSchema),
    review: reviewSchema.nullable(),
    correctiveActions: z.array(correctiveActionSchema),
    notices: z.array(z.unknown()),
    actions: z.array(z.unknown()),
    version: z.number(),
  })
  .meta({ id: 'Incident' });

export const timelineSchema = z
  .object({
    items: z.array(
      z.object({
        id: z.uuid(),
        at: time,
        recordedAt: time,
        kind: z.enum(TIMELINE_KINDS),
        actor: z.object({ kind: z.string(), name: z.string() }),
        tenant: z.string().nullable(),
        text: z.string(),
        links: z.array(z.object({ label: z.string(), href: z.string() })),
        evidence: z.array(
          z.object({ topic: z.string(), partition: z.number(), offset: z.string(), sha256: z.string() }),
        ),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'Timeline' });

export const staffListSchema = z
  .object({ items: z.array(z.object({ id: z.uuid(), name: z.string(), roles: z.array(z.string()) })) })
  .meta({ id: 'StaffList' });

// What people send.
export const incidentIdSchema = z.uuid();
export const tenantSchema = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
export const workstreamKindSchema = z.enum(WORKSTREAMS);

export const incidentQuerySchema = z.object({
  /** One status, several with commas, or `running` for all that are not settled. */
  status: z.string().max(200).optional(),
  ...pageQuery,
});
export const timelineQuerySchema = z.object({ kind: z.enum(TIMELINE_KINDS).optional(), ...pageQuery });
export const correctiveActionQuerySchema = z.object({ state: z.string().max(50).optional(), ...pageQuery });

export const noteSchema = z.object({ text: words });
export const reasonSchema = z.object({ reason: words });
export const commanderSchema = z.object({ staffId: z.uuid() });
export const severitySchema = z.object({ severity: z.enum(SEVERITIES), reason: words });
export const duplicateSchema = z.object({ incidentId: z.uuid(), reason: words });
export const declareSchema = z.object({ statement: words });
export const silosSchema = z.object({ tenant: tenantSchema, reason: words });
export const restrictSchema = z.object({
  isRestricted: z.boolean(),
  staffIds: z.array(z.uuid()).max(100),
  reason: words,
});
export const factSchema = z.object({
  tenant: tenantSchema.nullable(),
  fact: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  value: z.union([z.boolean(), z.number(), z.string().max(1_000), z.null()]),
  /** When it was known or done; without it, now. */
  at: time.optional(),
});
export const rootCauseBodySchema = z.object({
  category: z.string().trim().max(100),
  whatHappened: z.string().trim().max(20_000),
  whys: z.array(whySchema).max(20),
  introducedAt: time.nullable(),
  firstExploitedAt: time.nullable(),
  detectedAt: time.nullable(),
  /** The version that was read; a differing one is a conflict. */
  version: z.number().int().optional(),
});
export const rootCauseReviewSchema = z.object({
  verdict: z.enum(['accepted', 'returned']),
  comment: z.string().trim().max(5_000),
  version: z.number().int().optional(),
});
export const decisionBodySchema = z.object({
  tenant: tenantSchema,
  decision: z.enum(['notify', 'not_applicable']),
  reason: words,
});
export const reviewBodySchema = z.object({
  heldOn: z.iso.date(),
  participants: z.array(z.string().trim().min(1).max(200)).max(100),
  wentWell: z.string().trim().max(20_000),
  wentBadly: z.string().trim().max(20_000),
  noActionsReason: z.string().trim().max(5_000).optional(),
});
const trackerUrl = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\//, 'a web address');
export const correctiveActionBodySchema = z.object({
  title: z.string().trim().min(1).max(500),
  ownerId: z.uuid(),
  dueOn: z.iso.date(),
  trackerUrl,
});
export const correctiveActionChangeSchema = z.object({
  state: z.enum(['open', 'done', 'verified']).optional(),
  ownerId: z.uuid().optional(),
  dueOn: z.iso.date().optional(),
  trackerUrl: trackerUrl.optional(),
  reason: words.optional(),
});
export const openFromAlertSchema = z.object({ incidentId: z.uuid().optional() });
