import { z } from 'zod';
import { TENANT_PATTERN } from '../../platform/event-log/topics.js';
import { pageQuery, searchText } from '../../platform/http/list-page.js';
import { ENTITY_KINDS } from '../../detect/entity.js';
import { VERDICTS } from './alert.js';

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
const time = z.iso.datetime();

export const alertIdSchema = z.uuid();

export const alertViewSchema = z
  .object({
    id: z.uuid(),
    tenant: z.string(),
    ruleId: z.string(),
    ruleTitle: z.string(),
    level: z.enum(LEVELS),
    status: z.string(),
    tags: z.array(z.string()),
    promises: z.array(z.string()),
    entities: z.array(z.object({ kind: z.enum(ENTITY_KINDS), value: z.string() })),
    group: z.array(z.string()),
    firstEventAt: time,
    lastEventAt: time,
    count: z.number(),
    createdAt: time,
    incidentId: z.uuid().nullable(),
    incidentNumber: z.string().nullable(),
    verdict: z.enum(VERDICTS).nullable(),
    respond: z.string().nullable(),
    containment: z.array(z.string()),
    playbook: z.string().nullable(),
    isLate: z.boolean(),
    /** What it was about ended by itself, as a silo's silence does. */
    resolvedAt: time.nullable(),
  })
  .meta({ id: 'Alert' });
export type AlertView = z.infer<typeof alertViewSchema>;

export const alertDetailSchema = alertViewSchema
  .extend({ explanation: z.string().nullable() })
  .meta({ id: 'AlertDetail' });
export type AlertDetail = z.infer<typeof alertDetailSchema>;

export const alertListSchema = z
  .object({ items: z.array(alertViewSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'AlertList' });
export type AlertList = z.infer<typeof alertListSchema>;

export const alertQuerySchema = z.object({
  ...pageQuery,
  level: z.enum(LEVELS).optional(),
  tenant: z.string().regex(TENANT_PATTERN).optional(),
  verdict: z.enum(['none', ...VERDICTS]).optional(),
  incident: z.union([z.literal('none'), z.uuid()]).optional(),
  q: searchText(200).optional(),
});
export type AlertQuery = z.infer<typeof alertQuerySchema>;

export const verdictSchema = z.object({ verdict: z.enum(VERDICTS), reason: z.string().trim().min(1).max(5_000) });

export const evidenceSchema = z
  .object({
    events: z.array(
      z.object({
        topic: z.string(),
        partition: z.number(),
        offset: z.string(),
        sha256: z.string(),
        timeMs: z.number(),
        raw: z.string(),
      }),
    ),
  })
  .meta({ id: 'AlertEvidence' });
export type AlertEvidence = z.infer<typeof evidenceSchema>;
