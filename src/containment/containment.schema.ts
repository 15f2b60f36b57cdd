import { z } from 'zod';
import { ACTION_STATES } from './action.js';

const time = z.iso.datetime();
const person = z.object({ id: z.string(), name: z.string() });
const words = z.string().trim().min(1).max(10_000);

export const actionSchema = z
  .object({
    id: z.uuid(),
    incidentId: z.uuid(),
    kind: z.string(),
    label: z.string(),
    target: z.record(z.string(), z.unknown()),
    tenant: z.string(),
    state: z.enum(ACTION_STATES),
    needs: z.enum(['none', 'responder', 'commander', 'two_people']),
    isAutomatic: z.boolean(),
    proposedBy: person.extend({ kind: z.string() }),
    proposedAt: time,
    approvals: z.array(z.object({ staff: person, at: time })),
    blastRadius: z.string(),
    undoKind: z.string().nullable(),
    undoes: z.uuid().nullable(),
    command: z.unknown(),
    hash: z.string(),
    sentAt: time.nullable(),
    acknowledgedAt: time.nullable(),
    result: z.object({ status: z.number(), statusText: z.string() }).nullable(),
    verification: z.object({ text: z.string(), at: time }).nullable(),
    evidence: z.array(z.object({ topic: z.string(), partition: z.number(), offset: z.string(), sha256: z.string() })),
    reason: z.string().nullable(),
    byHand: z
      .object({
        by: person,
        evidence: z.string(),
        at: time,
        secondPerson: person,
        confirmedAt: time.nullable(),
      })
      .nullable(),
    version: z.number(),
  })
  .meta({ id: 'ContainmentAction' });

export const actionListSchema = z
  .object({ items: z.array(actionSchema), nextCursor: z.null() })
  .meta({ id: 'ContainmentActionList' });

export const catalogueSchema = z
  .object({
    items: z.array(
      z.object({
        kind: z.string(),
        label: z.string(),
        needs: z.string(),
        blastRadius: z.string(),
        undo: z.string().nullable(),
        target: z.array(z.string()),
        entity: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'ContainmentCatalogue' });

export const actionIdSchema = z.uuid();
export const proposeSchema = z.object({
  kind: z.string().max(100),
  tenant: z.string().max(63),
  target: z.record(z.string().max(100), z.unknown()),
  args: z.unknown().optional(),
  /** Nothing is written; the answer shows what would be sent and whom it hits. */
  dryRun: z.boolean().default(false),
});
export const approveSchema = z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) });
export const rejectSchema = z.object({ reason: words });
export const byHandSchema = z.object({ evidence: words, secondPersonId: z.uuid() });
