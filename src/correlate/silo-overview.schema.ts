import { z } from 'zod';
import { STREAMS, TENANT_PATTERN } from '../platform/event-log/topics.js';
import { pageQuery } from '../platform/http/list-page.js';

const time = z.iso.datetime();

export const tenantSchema = z.string().regex(TENANT_PATTERN);

/** What a list of silos may be ordered by; all but the name begin with the worst. */
export const SILO_ORDERS = ['name', 'lag', 'rate', 'quiet', 'dead-letters', 'incidents'] as const;
export type SiloOrder = (typeof SILO_ORDERS)[number];

export const siloQuerySchema = z.object({
  ...pageQuery,
  q: z.string().trim().max(100).optional(),
  order: z.enum(SILO_ORDERS).default('name'),
  /** `trouble`: silent, behind, with a silent agent or an open incident. */
  show: z.enum(['all', 'trouble']).default('all'),
});
export type SiloQuery = z.infer<typeof siloQuerySchema>;

const streamSchema = z.object({
  stream: z.enum(STREAMS),
  lastEventAt: time.nullable(),
  eventsPerSecond: z.number(),
  lagRecords: z.number(),
  lagSeconds: z.number(),
  deadLetters: z.number(),
  parseFailures: z.number(),
  /** Since when it is silent beyond its habit; an alert says so too. */
  silentSince: time.nullable(),
});

export const siloOverviewSchema = z
  .object({
    tenant: z.string(),
    name: z.string(),
    state: z.enum(['active', 'removed']),
    noticeHours: z.number(),
    openIncidents: z.number(),
    streams: z.array(streamSchema),
    agent: z.object({ state: z.enum(['online', 'silent', 'none']), lastSeenAt: time.nullable() }),
    /** Events of the last 30 full minutes, oldest first. */
    minutes: z.array(z.number()),
  })
  .meta({ id: 'SiloOverview' });
export type SiloOverview = z.infer<typeof siloOverviewSchema>;

export const siloOverviewListSchema = z
  .object({
    items: z.array(siloOverviewSchema),
    nextCursor: z.string().nullable(),
    /** Of all silos that the reader may see, whatever was asked for. */
    totals: z.object({ silos: z.number(), trouble: z.number(), silent: z.number(), behind: z.number() }),
  })
  .meta({ id: 'SiloOverviewList' });
export type SiloOverviewList = z.infer<typeof siloOverviewListSchema>;

export const siloNamesSchema = z
  .object({ items: z.array(z.object({ tenant: z.string(), name: z.string() })) })
  .meta({ id: 'SiloNames' });
export type SiloNames = z.infer<typeof siloNamesSchema>;

export const siloDetailSchema = siloOverviewSchema
  .extend({
    timeZone: z.string(),
    language: z.string(),
    jurisdictions: z.array(z.string()),
    contacts: z.array(
      z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string(), isVerified: z.boolean() }),
    ),
    /** For how long each stream may be silent now; `usualSeconds` is null while its habit is being learned. */
    habits: z.array(
      z.object({ stream: z.enum(STREAMS), allowedSeconds: z.number(), usualSeconds: z.number().nullable() }),
    ),
    /** The latest silences, newest first. */
    silences: z.array(
      z.object({ stream: z.enum(STREAMS), since: time, noticedAt: time, endedAt: time.nullable(), alertId: z.uuid() }),
    ),
    credentials: z.array(z.object({ kind: z.enum(['shipper', 'agent']), issuedAt: time, rotatedAt: time.nullable() })),
    deadLetters: z.array(
      z.object({
        stream: z.enum(STREAMS),
        reason: z.string(),
        format: z.string(),
        records: z.number(),
        lastAt: time,
        topic: z.string(),
        partition: z.number(),
        offset: z.string(),
      }),
    ),
    /** Events a minute over the last three hours, oldest first. */
    rates: z.array(z.object({ at: time, events: z.number() })),
  })
  .meta({ id: 'SiloDetail' });
export type SiloDetail = z.infer<typeof siloDetailSchema>;
