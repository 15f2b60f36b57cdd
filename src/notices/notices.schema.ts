import { z } from 'zod';
import { MAX_FACT_CHARACTERS } from './fact-fields.js';
import { NOTICE_KINDS } from './notice.js';

const facts = z
  .record(z.string().max(50), z.string().max(MAX_FACT_CHARACTERS))
  .refine((value) => Object.keys(value).length <= 50, 'must not have more than 50 entries');
const reason = z.string().trim().min(10, 'must say in a sentence why').max(2000);

export const draftBody = z
  .object({ tenant: z.string().min(1).max(63), kind: z.enum(NOTICE_KINDS), facts: facts.default({}) })
  .meta({ id: 'NoticeDraftBody' });
export const editBody = z.object({ facts, version: z.number().int() }).meta({ id: 'NoticeEditBody' });
export const approveBody = z
  .object({ contentHash: z.string().regex(/^[0-9a-f]{64}$/) })
  .meta({ id: 'NoticeApproveBody' });
export const overrideBody = approveBody.extend({ reason }).meta({ id: 'NoticeOverrideBody' });
export const settleBody = z.object({ reason }).meta({ id: 'DeliverySettleBody' });

const deliverySchema = z.object({
  id: z.uuid(),
  recipient: z.string(),
  state: z.enum(['queued', 'sent', 'bounced', 'failed']),
  at: z.string(),
  answer: z.string().nullable(),
  messageId: z.string().nullable(),
  receivedAt: z.string().nullable(),
  settled: z.object({ by: z.string(), reason: z.string() }).nullable(),
});

export const noticeSummarySchema = z
  .object({
    id: z.uuid(),
    incidentId: z.uuid(),
    incidentNumber: z.string(),
    tenant: z.string(),
    kind: z.enum(NOTICE_KINDS),
    state: z.enum(['draft', 'queued', 'sent', 'cancelled']),
    subject: z.string(),
    author: z.string(),
    createdAt: z.string(),
    approvedBy: z.string().nullable(),
    approvedAt: z.string().nullable(),
    deliveries: z.array(deliverySchema),
  })
  .meta({ id: 'NoticeSummary' });
export type NoticeSummaryView = z.infer<typeof noticeSummarySchema>;

export const noticeSchema = noticeSummarySchema
  .extend({
    facts: z.record(z.string(), z.string()),
    fields: z.array(z.object({ key: z.string(), label: z.string(), help: z.string(), isRequired: z.boolean() })),
    version: z.number().int(),
    rendered: z.object({ subject: z.string(), html: z.string(), text: z.string() }),
    recipients: z.array(z.object({ name: z.string(), email: z.string(), role: z.string(), isVerified: z.boolean() })),
    contentHash: z.string(),
    missingFacts: z.array(z.string()),
    warnings: z.array(z.string()),
    leaks: z.array(z.object({ field: z.string(), words: z.string() })),
    overrides: z.array(z.object({ by: z.string(), reason: z.string() })),
    /** Staff who wrote a version: they cannot approve. */
    editors: z.array(z.object({ id: z.string(), name: z.string() })),
  })
  .meta({ id: 'Notice' });
export type NoticeView = z.infer<typeof noticeSchema>;

export const noticeList = z.object({ items: z.array(noticeSummarySchema), nextCursor: z.string().nullable() });
