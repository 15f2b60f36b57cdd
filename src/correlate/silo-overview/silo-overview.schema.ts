import { z } from 'zod';
import { INTAKE_OUTCOMES } from '../../ingest/intake/intake-count.js';
import { STREAMS, TENANT_PATTERN } from '../../platform/event-log/topics.js';
import { pageQuery, searchText } from '../../platform/http/list-page.js';

const time = z.iso.datetime();

export const tenantSchema = z.string().regex(TENANT_PATTERN);

/** What a list of silos may be ordered by; all but the name begin with the worst. */
export const SILO_ORDERS = ['name', 'lag', 'rate', 'quiet', 'dead-letters', 'incidents'] as const;
export type SiloOrder = (typeof SILO_ORDERS)[number];

export const siloQuerySchema = z.object({
  ...pageQuery,
  q: searchText(100).optional(),
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
  batches: z
    .object({
      count: z.number(),
      matchSeconds: z.number().describe('To parse and match them'),
      sendSeconds: z.number().describe('Until the log had what came of them'),
      latest: z
        .object({ matchSeconds: z.number(), sendSeconds: z.number() })
        .nullable()
        .describe('Of one batch, on average of those that were told last'),
    })
    .describe('Its batches in detect, of all instances together'),
  rebalances: z.number().describe('How often an instance took it up as readers shared it out anew; 0 without Kafka'),
  rebalancedAt: time.nullable(),
});

const stateSchema = z
  .object({ groups: z.number(), bytes: z.number(), measuredAt: time })
  .nullable()
  .describe('What correlate keeps between signals, measured once a minute; null before');

export const siloOverviewSchema = z
  .object({
    tenant: z.string(),
    name: z.string(),
    state: z.enum(['active', 'removed']),
    noticeHours: z.number(),
    openIncidents: z.number(),
    streams: z.array(streamSchema),
    /** What rules across silos keep belongs to none. */
    kept: stateSchema,
    counted: z
      .object({
        signals: z.number(),
        seconds: z.number().describe('Its share, by signals, of the transactions that counted them'),
        latestSeconds: z.number().describe('Of one signal, on average of those that were told last'),
        latestAt: time,
      })
      .nullable()
      .describe('What correlate did for it, all instances together; null before its first signal'),
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
    pipeline: z
      .object({
        steps: z.array(
          z.object({
            stage: z.enum(['detect', 'correlate']),
            step: z
              .string()
              .describe('`batch`; its parts `match`, `send`, `commit`, `relay`; `rebalance`: partitions moved'),
            times: z.number(),
            seconds: z.number(),
            latestSeconds: z.number().describe('Of one time, on average of those that were told last'),
            latestAt: time,
          }),
        ),
        /** Of the silos that the reader may see; with what reaches across silos for who may see all. */
        state: stateSchema,
      })
      .describe('What the stages did, all instances together, ever since'),
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
    credentials: z
      .array(
        z.object({
          kind: z.enum(['shipper', 'agent', 'intake']),
          issuedAt: time,
          rotatedAt: time.nullable().describe('Of a principal; a token is followed by another'),
          expiresAt: time.nullable().describe('Of a token that was rotated: the end of its overlap'),
          lastUsedAt: time
            .nullable()
            .describe('Of a token, to a few seconds; the broker does not tell it of a principal'),
        }),
      )
      .describe('Principals at the broker, and tokens of the HTTP intake that are in force'),
    intake: z
      .array(
        z.object({
          outcome: z
            .enum(INTAKE_OUTCOMES)
            .describe(
              'Records: accepted, put_aside (dead letters), left_out (over 1 MiB, or none at all). Requests: rejected (4xx), throttled (429)',
            ),
          reason: z
            .string()
            .describe("The records' fault, the answer's code or the bound that was met; `none` if accepted"),
          count: z.number(),
          lastAt: time,
        }),
      )
      .describe('What came over HTTP, by what became of it'),
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
