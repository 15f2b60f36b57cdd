import { z } from 'zod';
import { STREAMS, TENANT_PATTERN } from '../platform/event-log/topics.js';

export const tenantSchema = z.string().regex(TENANT_PATTERN);

const streamSchema = z.object({
  stream: z.enum(STREAMS),
  lastEventAt: z.iso.datetime().nullable(),
  eventsPerSecond: z.number(),
  lagRecords: z.number(),
  lagSeconds: z.number(),
  deadLetters: z.number(),
  parseFailures: z.number(),
});

export const siloOverviewSchema = z
  .object({
    tenant: z.string(),
    name: z.string(),
    state: z.enum(['active', 'removed']),
    noticeHours: z.number(),
    openIncidents: z.number(),
    streams: z.array(streamSchema),
    agent: z.object({ state: z.enum(['online', 'silent', 'none']), lastSeenAt: z.iso.datetime().nullable() }),
  })
  .meta({ id: 'SiloOverview' });
export type SiloOverview = z.infer<typeof siloOverviewSchema>;

export const siloOverviewListSchema = z
  .object({ items: z.array(siloOverviewSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'SiloOverviewList' });
export type SiloOverviewList = z.infer<typeof siloOverviewListSchema>;

export const siloDetailSchema = siloOverviewSchema
  .extend({
    timeZone: z.string(),
    language: z.string(),
    jurisdictions: z.array(z.string()),
    contacts: z.array(
      z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string(), isVerified: z.boolean() }),
    ),
  })
  .meta({ id: 'SiloDetail' });
export type SiloDetail = z.infer<typeof siloDetailSchema>;
