import { IANAZone } from 'luxon';
import { z } from 'zod';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time like 09:00');
const name = z.string().trim().min(1).max(100);

export const layerSchema = z.object({
  name,
  staffIds: z.array(z.uuid()).min(1).max(50),
  startsOn: z.iso.date(),
  handoverAt: time,
  turnDays: z.number().int().min(1).max(366),
  restrictions: z
    .array(
      z.object({
        from: time,
        to: time,
        weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7),
      }),
    )
    .max(20)
    .default([]),
});

export const scheduleBody = z
  .object({
    name,
    timeZone: z.string().refine((zone) => IANAZone.isValidZone(zone), 'must be an IANA time zone like Europe/Berlin'),
    layers: z.array(layerSchema).min(1).max(10),
    version: z.number().int().optional(),
  })
  .meta({ id: 'ScheduleBody' });

export const overrideBody = z
  .object({ staffId: z.uuid(), from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) })
  .refine((body) => Date.parse(body.to) > Date.parse(body.from), 'must end after it begins')
  .meta({ id: 'OverrideBody' });

const minutes = z.number().int().min(1).max(1440);
const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('schedule'), id: z.uuid() }),
  z.object({ kind: z.literal('staff'), id: z.uuid() }),
]);

export const policyBody = z
  .object({
    name,
    isDefault: z.boolean().default(false),
    steps: z.array(z.object({ targets: z.array(target).max(20), waitMinutes: minutes })).max(20),
    repeats: z.number().int().min(0).max(20),
    lastResort: z.object({ staffIds: z.array(z.uuid()).max(50), everyMinutes: minutes }),
    noProgressMinutes: z.number().int().min(5).max(1440).default(30),
    version: z.number().int().optional(),
  })
  .meta({ id: 'EscalationPolicyBody' });

export const pageSchema = z
  .object({
    id: z.uuid(),
    incidentId: z.uuid(),
    number: z.string(),
    severity: z.string(),
    cause: z.enum(['opened', 'reopened', 'clock', 'no_progress', 'unreachable']),
    detail: z.string(),
    state: z.enum(['pending', 'sent', 'acknowledged', 'expired']),
    /** From 1; one more than there are steps is the last resort. */
    step: z.number().int(),
    startedAt: z.string(),
    nextAt: z.string().nullable(),
    acknowledgedBy: z.string().nullable(),
    acknowledgedAt: z.string().nullable(),
    acknowledgedVia: z.enum(['dashboard', 'link']).nullable(),
    attempts: z.array(
      z.object({
        at: z.string(),
        staffName: z.string(),
        method: z.string(),
        outcome: z.enum(['queued', 'sent', 'failed', 'expired']),
        isLate: z.boolean(),
        answer: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Page' });
export type PageView = z.infer<typeof pageSchema>;

export const pageList = z.object({ items: z.array(pageSchema), nextCursor: z.string().nullable() });

const shift = z.object({ staffId: z.string(), staffName: z.string(), from: z.string(), to: z.string() });

export const onCallSchema = z
  .object({
    now: z.array(z.object({ schedule: z.string(), staff: z.string(), until: z.string(), next: z.string().nullable() })),
    schedules: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        timeZone: z.string(),
        version: z.number().int(),
        layers: z.array(layerSchema),
        overrides: z.array(z.object({ id: z.uuid(), staffId: z.uuid(), from: z.string(), to: z.string() })),
        finalShifts: z.array(shift),
        gaps: z.array(z.object({ from: z.string(), to: z.string() })),
      }),
    ),
    policies: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        isDefault: z.boolean(),
        version: z.number().int(),
        repeat: z.number().int(),
        steps: z.array(z.object({ delayMinutes: z.number().int(), targets: z.array(z.string()) })),
        lastResort: z.object({ everyMinutes: z.number().int(), targets: z.array(z.string()) }),
        definition: policyBody.omit({ name: true, isDefault: true, version: true }),
      }),
    ),
    pages: z.array(pageSchema),
  })
  .meta({ id: 'OnCall' });
export type OnCallView = z.infer<typeof onCallSchema>;
