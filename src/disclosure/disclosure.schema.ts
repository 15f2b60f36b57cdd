import { z } from 'zod';
import { pageQuery } from '../platform/http/list-page.js';
import { SEVERITIES } from '../incidents/incident.js';
import { REPORT_SEVERITIES } from './report.js';
import { REPORT_STATES } from './report-states.js';

export const replyBody = z.object({ text: z.string().trim().min(1).max(50_000) }).meta({ id: 'ReportReplyBody' });
export const stateBody = z
  .object({
    state: z.enum(REPORT_STATES),
    /** For the record; when the reporter is asked for information, it is the question they get. */
    reason: z.string().trim().min(1).max(5000),
    /** Words for the reporter besides the template's. */
    message: z.string().trim().max(20_000).optional(),
  })
  .meta({ id: 'ReportStateBody' });
export const classifyBody = z
  .object({
    severity: z.enum(REPORT_SEVERITIES).nullable(),
    cwe: z
      .string()
      .regex(/^CWE-\d{1,5}$/, 'must be like CWE-79')
      .nullable(),
  })
  .meta({ id: 'ReportClassifyBody' });
export const incidentBody = z
  .object({
    title: z.string().trim().min(3).max(200),
    severity: z.enum(SEVERITIES),
    tenants: z.array(z.string().max(63)).max(1000),
  })
  .meta({ id: 'ReportIncidentBody' });
export const reportsQuery = z.object({
  state: z.enum(REPORT_STATES).optional(),
  ...pageQuery,
});
export const formBody = z.object({
  email: z.string().trim().max(254).default(''),
  name: z.string().trim().max(100).default(''),
  subject: z.string().trim().max(200).default(''),
  text: z.string().trim().max(50_000).default(''),
  website: z.string().max(500).default(''),
});

const clock = z.object({
  id: z.string(),
  name: z.string(),
  tenant: z.null(),
  startedAt: z.string(),
  dueAt: z.string(),
  state: z.enum(['running', 'met', 'missed', 'waived']),
  why: z.string(),
  fractionElapsed: z.number(),
});

export const reportSummarySchema = z
  .object({
    id: z.uuid(),
    number: z.string(),
    state: z.enum(REPORT_STATES),
    subject: z.string(),
    reporter: z.object({ email: z.string(), name: z.string().nullable() }),
    source: z.enum(['mail', 'form']),
    receivedAt: z.string(),
    severity: z.enum(REPORT_SEVERITIES).nullable(),
    incidentId: z.uuid().nullable(),
    clocks: z.array(clock),
  })
  .meta({ id: 'ReportSummary' });
export type ReportSummaryView = z.infer<typeof reportSummarySchema>;

export const reportSchema = reportSummarySchema
  .extend({
    messages: z.array(
      z.object({
        id: z.uuid(),
        direction: z.enum(['in', 'out']),
        at: z.string(),
        from: z.string(),
        text: z.string(),
        attachments: z.array(
          z.object({ name: z.string(), contentType: z.string(), sizeBytes: z.number().int(), sha256: z.string() }),
        ),
        delivery: z.enum(['queued', 'sent', 'failed']).nullable(),
        answer: z.string().nullable(),
        hasRaw: z.boolean(),
      }),
    ),
    authentication: z.object({ dkim: z.string(), arc: z.string(), spf: z.string(), aligned: z.boolean() }),
    cwe: z.string().nullable(),
    automaticAnswer: z.string(),
    /** Number of the report that it says it belongs to, without proof. */
    claims: z.object({ id: z.uuid(), number: z.string() }).nullable(),
    nextStates: z.array(z.enum(REPORT_STATES)),
  })
  .meta({ id: 'Report' });
export type ReportView = z.infer<typeof reportSchema>;

export const reportList = z.object({ items: z.array(reportSummarySchema), nextCursor: z.string().nullable() });
export const incidentMade = z.object({ incidentId: z.uuid() });
