import { z } from 'zod';
import { jobKind, type JobOptions } from '../platform/jobs/jobs.js';

const incidentId = z.uuid();

/** What pages about one incident runs in the order in which it came about: one that got worse right after it opened is paged as opened. */
export const inTurn = (incident: string): JobOptions => ({ queue: `incident ${incident}` });

/**
 * A new incident: paging starts its escalation. Added in the transaction that opens it. `isLate`: its events were old when they were first
 * read, so it goes into a digest.
 */
export const incidentOpened = jobKind({
  name: 'paging.incident-opened',
  payload: z.object({ incidentId, isLate: z.boolean().default(false) }),
  maxAttempts: 25,
});

/**
 * A contained or finished incident is open again (new alerts, or a person reopened it): paging escalates anew, loudly. `isLate`: what made it
 * worse was old when it was first read.
 */
export const incidentReopened = jobKind({
  name: 'paging.incident-reopened',
  payload: z.object({
    incidentId,
    reason: z.enum(['lapsed', 'reopened', 'severity']),
    isLate: z.boolean().default(false),
  }),
  maxAttempts: 25,
});

/** A person acknowledged the incident in the dashboard: its running pages are acknowledged in their name. */
export const incidentAcknowledged = jobKind({
  name: 'paging.incident-acknowledged',
  payload: z.object({ incidentId, staffId: z.uuid(), staffName: z.string() }),
  maxAttempts: 25,
});

/** The incident is closed, a false positive or a duplicate: nobody needs to be paged for it any more. */
export const incidentSettled = jobKind({
  name: 'paging.incident-settled',
  payload: z.object({ incidentId }),
  maxAttempts: 25,
});

/** A running clock has used up `percent` of its time: page the commander, or whoever is on call. `dueAt` is RFC 3339 UTC. */
export const clockDue = jobKind({
  name: 'paging.clock-due',
  payload: z.object({
    incidentId,
    clockId: z.uuid(),
    name: z.string(),
    tenant: z.string().nullable(),
    percent: z.union([z.literal(50), z.literal(75), z.literal(90), z.literal(100)]),
    dueAt: z.iso.datetime(),
  }),
  maxAttempts: 25,
});

/** No contact of an affected silo could be reached by mail: somebody has to call. Notices add it, paging pages the commander. */
export const customerUnreachable = jobKind({
  name: 'paging.customer-unreachable',
  payload: z.object({ incidentId }),
  maxAttempts: 25,
});

/** An alert opened or joined the incident: containment proposes what the rule names and carries out what may go by itself. */
export const proposeContainment = jobKind({
  name: 'containment.propose',
  payload: z.object({ incidentId, alertId: z.uuid() }),
  maxAttempts: 25,
});

/** Mails the owner of a corrective action that falls due or is overdue; handled by this room. */
export const remindCorrectiveAction = jobKind({
  name: 'incidents.remind-corrective-action',
  payload: z.object({ actionId: z.uuid(), stage: z.enum(['week', 'day', 'due', 'overdue', 'escalated']) }),
  maxAttempts: 10,
});
