import { z } from 'zod';
import { ROLES } from './permissions.js';

const email = z.email('must be an e-mail address').max(254);
const role = z.enum(ROLES);
const tenants = z.union([z.literal('all'), z.array(z.string().min(1).max(63)).min(1).max(1000)]);
const timestamp = z.iso.datetime();

// A password's length is judged where it is set; here it is only bounded.
const typedPassword = z.string().min(1).max(1024);
const typedCode = z.string().min(6).max(40);

export const passwordStep = z.object({ email: z.string().min(1).max(254), password: typedPassword });
export const codeStep = z.object({ code: typedCode });
export const passwordChange = z.object({ currentPassword: typedPassword, newPassword: typedPassword });

export const nextStep = z.object({ next: z.enum(['totp', 'enrol', 'done']) }).meta({ id: 'NextStep' });
export const enrolmentStart = z
  .object({ secret: z.string(), otpauthUrl: z.string(), qrSvg: z.string() })
  .meta({ id: 'EnrolmentStart' });
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });

export const me = z
  .object({
    id: z.uuid(),
    name: z.string(),
    email: z.string(),
    roles: z.array(role),
    permissions: z.array(z.string()),
    tenants,
    csrfToken: z.string(),
    lastFactorAt: timestamp.nullable(),
    mustChangePassword: z.boolean(),
    expiresAt: timestamp,
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof me>;

const pendingGrant = z
  .object({
    id: z.uuid(),
    roles: z.array(role),
    tenants: tenants.nullable(),
    requestedBy: z.uuid(),
    requestedAt: timestamp,
  })
  .meta({ id: 'PendingGrant', description: 'Rights that another admin must approve; tenants null: stay as they are' });

export const user = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    state: z.enum(['invited', 'active', 'disabled']),
    roles: z.array(role),
    tenants,
    hasFactor: z.boolean(),
    pendingGrant: pendingGrant.nullable(),
    createdAt: timestamp,
    lastSignInAt: timestamp.nullable(),
    version: z.int(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;

export const userList = z.object({ items: z.array(user), nextCursor: z.null() }).meta({ id: 'UserList' });

const name = z.string().trim().min(1).max(200);
export const newUser = z.object({ email, name, roles: z.array(role).min(1), tenants: tenants.default('all') });
export type NewUser = z.infer<typeof newUser>;

export const createdUser = z
  .object({ user, setupPassword: z.string().meta({ description: 'Shown this once; good for 72 hours' }) })
  .meta({ id: 'CreatedUser' });

export const userChange = z.object({
  version: z.int(),
  name: name.optional(),
  state: z.enum(['active', 'disabled']).optional(),
  roles: z.array(role).optional(),
  tenants: tenants.optional(),
  resetFactors: z.literal(true).optional(),
  resetPassword: z.literal(true).optional(),
});
export type UserChange = z.infer<typeof userChange>;

export const changedUser = z.object({ user, setupPassword: z.string().nullable() }).meta({ id: 'ChangedUser' });

export const trailQuery = z.object({
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  action: z.string().max(100).optional(),
  actor: z.string().max(200).optional(),
});
export type TrailQuery = z.infer<typeof trailQuery>;

export const trailEntry = z
  .object({
    id: z.uuid(),
    at: timestamp,
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable(), ip: z.string().nullable() }),
    action: z.string(),
    object: z.object({ type: z.string(), id: z.string() }),
    tenant: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    seal: z.object({ seq: z.int(), chainHash: z.string() }).nullable(),
  })
  .meta({ id: 'TrailEntry' });
export const trailPage = z
  .object({ items: z.array(trailEntry), nextCursor: z.uuid().nullable() })
  .meta({ id: 'TrailPage' });
export type TrailPage = z.infer<typeof trailPage>;
