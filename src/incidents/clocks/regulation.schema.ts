import { z } from 'zod';

const factName = z.string().regex(/^[a-z][a-z0-9_]*$/);

const condition = z.union([
  z.strictObject({ fact: factName, is: z.boolean() }),
  z.strictObject({ fact: factName, at_least: z.number() }),
]);

const length = z.union([
  z.strictObject({ hours: z.number().positive() }),
  z.strictObject({ days: z.number().int().positive() }),
  z.strictObject({ months: z.number().int().positive() }),
  z.strictObject({ working_days: z.number().int().positive(), calendar: z.string() }),
  /** The hours that the silo's contract names. */
  z.strictObject({ contract: z.literal('notice_hours') }),
]);

const version = z.strictObject({
  version: z.number().int().positive(),
  /** Incidents opened from this day on run under this version. */
  from: z.iso.date(),
  source: z.url(),
  /** Completes "72 hours because …". */
  because: z.string(),
  length,
  /** Trigger: `aware`, `notified` (the silo's first notice went out) or a fact that a person records. */
  starts: factName,
  /** What meets it: `notified` or a fact that a person records. */
  met_by: factName,
  /** All must hold. */
  when: z.array(condition).default([]),
  /** One of these must be among the silo's; an empty list means all. */
  jurisdictions: z.array(z.string()).default([]),
  content: z.array(z.string()).default([]),
});

/** One duty to tell somebody in time, with all versions of its text that incidents may still run under. */
export const regulationSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  /** `silo`: one clock per affected silo; `incident`: one for the company. */
  scope: z.enum(['silo', 'incident']),
  /** Whose duty: `ours` holds up closing and is paged; `customers` is shown, so that we help in time. */
  duty: z.enum(['ours', 'customers']),
  recipient: z.string(),
  versions: z.array(version).min(1),
});
export type Regulation = z.infer<typeof regulationSchema>;
export type RegulationVersion = z.infer<typeof version>;

export const holidaysSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  zone: z.string(),
  source: z.url(),
  holidays: z.array(z.iso.date()),
});
export type Holidays = z.infer<typeof holidaysSchema>;
