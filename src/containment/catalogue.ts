import { z } from 'zod';

/** Whose word an action needs before it is sent. */
export type Needs = 'none' | 'responder' | 'commander' | 'two_people';

/** An OpenC2 1.0 target: one type, with its value. Types of our own are prefixed `x-silo:` (Language Specification 1.0, §3.1.4). */
export type OpenC2Target = Readonly<Record<string, unknown>>;

export interface OpenC2Command {
  readonly action: string;
  readonly target: OpenC2Target;
  readonly args: Readonly<Record<string, unknown>>;
  readonly command_id: string;
}

export interface CatalogueEntry {
  readonly kind: string;
  /** An imperative, completed by the target: "Revoke session". */
  readonly label: string;
  readonly needs: Needs;
  /** Whom it hits, in words. */
  readonly blastRadius: string;
  /** The kind that takes it back; null where nothing needs taking back (the person signs in again). */
  readonly undo: string | null;
  readonly target: z.ZodObject;
  /** The field that says what is acted on; the first of `target`. */
  readonly subject: string;
  /** Kind of an alert's entity that it is proposed for; null for the silo as a whole. */
  readonly entity: string | null;
  readonly action: string;
  readonly openC2Target: (target: Readonly<Record<string, unknown>>) => OpenC2Target;
  /** Ends by itself after so many milliseconds. */
  readonly durationMs?: number;
  /** Actions of the silo's own audit records that show it was done. */
  readonly proof: readonly string[];
}

const name = z.string().min(1).max(500);
const object =
  (type: string) =>
  (target: Readonly<Record<string, unknown>>): OpenC2Target => ({
    [`x-silo:${type}`]: target,
  });
const address = (target: Readonly<Record<string, unknown>>): OpenC2Target => {
  const value = String(target['address']);
  const [host = '', bits] = value.split('/');
  return host.includes(':') ? { ipv6_net: `${host}/${bits ?? '128'}` } : { ipv4_net: `${host}/${bits ?? '32'}` };
};
const HOUR_MS = 3_600_000;

type Row = Omit<CatalogueEntry, 'openC2Target' | 'subject'> & {
  readonly type: string;
  readonly toTarget?: CatalogueEntry['openC2Target'];
};

const entry = ({ type, toTarget, ...row }: Row): CatalogueEntry =>
  Object.freeze({ ...row, subject: Object.keys(row.target.shape)[0] ?? '', openC2Target: toTarget ?? object(type) });

const session = z.strictObject({ session: name });
const user = z.strictObject({ user: name });
const apiKey = z.strictObject({ apiKey: name });
const net = z.strictObject({ address: z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]) });
const silo = z.strictObject({ silo: name });
const feature = z.strictObject({ silo: name, feature: z.enum(['payments', 'bank-details', 'exports']) });
const key = z.strictObject({ key: name });
const container = z.strictObject({ container: name });

/** Everything that Silowatch may ask of a silo's agent; what is not here cannot be sent. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  entry({
    kind: 'session.revoke',
    label: 'Revoke session',
    needs: 'none',
    blastRadius: 'one person, who signs in again',
    undo: null,
    target: session,
    entity: 'session',
    action: 'delete',
    type: 'session',
    proof: ['session.revoke', 'session.logout', 'session.end'],
  }),
  entry({
    kind: 'user.revoke_sessions',
    label: 'Revoke all sessions of',
    needs: 'none',
    blastRadius: 'one person, who signs in again everywhere',
    undo: null,
    target: user,
    entity: 'user',
    action: 'delete',
    type: 'user_sessions',
    proof: ['session.revoke_all', 'user.revoke_sessions'],
  }),
  entry({
    kind: 'account.disable',
    label: 'Disable account',
    needs: 'responder',
    blastRadius: 'one person, who cannot work',
    undo: 'account.enable',
    target: user,
    entity: 'user',
    action: 'deny',
    type: 'account',
    proof: ['account.disable', 'user.disable'],
  }),
  entry({
    kind: 'account.enable',
    label: 'Enable account',
    needs: 'responder',
    blastRadius: 'one person',
    undo: 'account.disable',
    target: user,
    entity: null,
    action: 'allow',
    type: 'account',
    proof: ['account.enable', 'user.enable'],
  }),
  entry({
    kind: 'credential.reset',
    label: 'Require a new password and second factor of',
    needs: 'responder',
    blastRadius: 'one person, at the next sign-in',
    undo: null,
    target: user,
    entity: 'user',
    action: 'update',
    type: 'credential',
    proof: ['credential.reset', 'password.reset_required'],
  }),
  entry({
    kind: 'api_key.revoke',
    label: 'Revoke API key',
    needs: 'responder',
    blastRadius: 'one integration, which stops',
    undo: null,
    target: apiKey,
    entity: 'api_key',
    action: 'delete',
    type: 'api_key',
    proof: ['api_key.revoke'],
  }),
  entry({
    kind: 'address.block',
    label: 'Block address',
    needs: 'none',
    blastRadius: 'everybody behind that address, for an hour',
    undo: 'address.unblock',
    target: net,
    entity: 'ip',
    action: 'deny',
    type: 'address',
    toTarget: address,
    durationMs: HOUR_MS,
    proof: ['firewall.block', 'firewall.change'],
  }),
  entry({
    kind: 'address.unblock',
    label: 'Unblock address',
    needs: 'responder',
    blastRadius: 'everybody behind that address',
    undo: 'address.block',
    target: net,
    entity: null,
    action: 'allow',
    type: 'address',
    toTarget: address,
    proof: ['firewall.unblock', 'firewall.change'],
  }),
  entry({
    kind: 'silo.read_only',
    label: 'Make read-only: silo',
    needs: 'commander',
    blastRadius: 'one customer, who can look but not work',
    undo: 'silo.writable',
    target: silo,
    entity: null,
    action: 'set',
    type: 'read_only',
    proof: ['silo.read_only'],
  }),
  entry({
    kind: 'silo.writable',
    label: 'Make writable again: silo',
    needs: 'commander',
    blastRadius: 'one customer',
    undo: 'silo.read_only',
    target: silo,
    entity: null,
    action: 'restore',
    type: 'read_only',
    proof: ['silo.writable'],
  }),
  entry({
    kind: 'feature.freeze',
    label: 'Freeze payments or bank details of',
    needs: 'commander',
    blastRadius: 'one customer, who cannot pay or export',
    undo: 'feature.unfreeze',
    target: feature,
    entity: null,
    action: 'deny',
    type: 'feature',
    proof: ['feature.freeze'],
  }),
  entry({
    kind: 'feature.unfreeze',
    label: 'Lift the freeze of',
    needs: 'commander',
    blastRadius: 'one customer',
    undo: 'feature.freeze',
    target: feature,
    entity: null,
    action: 'allow',
    type: 'feature',
    proof: ['feature.unfreeze'],
  }),
  entry({
    kind: 'database.rotate_credentials',
    label: 'Rotate the database credentials of',
    needs: 'commander',
    blastRadius: 'one customer, a few seconds',
    undo: null,
    target: silo,
    entity: null,
    action: 'update',
    type: 'database_credential',
    proof: ['database.rotate_credentials', 'credential.rotate'],
  }),
  entry({
    kind: 'key.disable',
    label: 'Disable key',
    needs: 'commander',
    blastRadius: 'everything under that key',
    undo: 'key.enable',
    target: key,
    entity: 'key',
    action: 'stop',
    type: 'key',
    proof: ['key.disable'],
  }),
  entry({
    kind: 'key.enable',
    label: 'Enable key',
    needs: 'commander',
    blastRadius: 'everything under that key',
    undo: 'key.disable',
    target: key,
    entity: null,
    action: 'start',
    type: 'key',
    proof: ['key.enable'],
  }),
  entry({
    kind: 'container.quarantine',
    label: 'Take out of service and keep its snapshot: container',
    needs: 'commander',
    blastRadius: 'one customer, who may be down',
    undo: 'container.restore',
    target: container,
    entity: 'image',
    action: 'contain',
    type: 'container',
    proof: ['container.quarantine', 'image.stop'],
  }),
  entry({
    kind: 'container.restore',
    label: 'Put back into service: container',
    needs: 'commander',
    blastRadius: 'one customer',
    undo: 'container.quarantine',
    target: container,
    entity: null,
    action: 'restore',
    type: 'container',
    proof: ['container.restore', 'image.start'],
  }),
  entry({
    kind: 'silo.isolate',
    label: 'Cut off from the network: silo',
    needs: 'two_people',
    blastRadius: 'one customer, who is down',
    undo: 'silo.reconnect',
    target: silo,
    entity: null,
    action: 'contain',
    type: 'network',
    proof: ['silo.isolate'],
  }),
  entry({
    kind: 'silo.reconnect',
    label: 'Put back on the network: silo',
    needs: 'commander',
    blastRadius: 'one customer',
    undo: 'silo.isolate',
    target: silo,
    entity: null,
    action: 'restore',
    type: 'network',
    proof: ['silo.reconnect'],
  }),
];

const BY_KIND: ReadonlyMap<string, CatalogueEntry> = new Map(CATALOGUE.map((one) => [one.kind, one]));

export const findEntry = (kind: string): CatalogueEntry | undefined => BY_KIND.get(kind);

/** `Revoke session s-1`. */
export function describeAction(kind: string, target: Readonly<Record<string, unknown>>): string {
  const found = findEntry(kind);
  return found === undefined ? kind : `${found.label} ${String(target[found.subject])}`;
}

/** The OpenC2 command of an action. Only durations, never absolute times, so that its bytes stay the same from approval to sending. */
export function commandOf(
  found: CatalogueEntry,
  target: Readonly<Record<string, unknown>>,
  action: { readonly id: string; readonly incidentNumber: string; readonly tenant: string },
): OpenC2Command {
  return {
    action: found.action,
    target: found.openC2Target(target),
    args: {
      response_requested: 'complete',
      ...(found.durationMs === undefined ? {} : { duration: found.durationMs }),
      'x-silo': { kind: found.kind, target, silo: action.tenant, incident: action.incidentNumber },
    },
    command_id: action.id,
  };
}
