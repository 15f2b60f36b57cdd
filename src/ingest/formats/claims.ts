import { valuesOfMember } from '../json-spans.js';
import { TENANT_PATTERN } from '../../platform/event-log/topics.js';
import { MAX_JSON_DEPTH } from './parsed-record.js';

type Said = Readonly<Record<string, unknown>>;

/** The member, or the field of an envelope, in which a record names a tenant. */
export const TENANT_MEMBER = 'tenant';
/** And as systemd's journal writes it. */
const TENANT_MEMBERS = [TENANT_MEMBER, 'TENANT', '_TENANT'] as const;

/** Between the names that an object gives one tenant. */
const ALSO = ' / ';
/** Between tenants. */
const AND = ', ';
/** Beyond this no more names are told. */
const MAX_CLAIM_CHARS = 1024;

const cut = (claim: string): string => claim.slice(0, MAX_CLAIM_CHARS);

/** The tenants that a record or its envelope claims to be of; a number counts as its digits, each element of a list by itself. */
export function tenantClaim(said: Said): string | undefined {
  let claim: string | undefined;
  for (const member of TENANT_MEMBERS)
    if (said[member] !== undefined && Object.hasOwn(said, member)) claim = bothClaims(claim, claimOf(said[member]));
  return claim;
}

function claimOf(tenant: unknown, depth = 0): string | undefined {
  if (typeof tenant === 'number') return String(tenant);
  if (typeof tenant === 'string') return tenant === '' ? undefined : tenant;
  if (Array.isArray(tenant)) {
    return depth > MAX_JSON_DEPTH ? undefined : allClaims(tenant.map((one) => claimOf(one, depth + 1)));
  }
  // Of all the texts by which an object says what a tenant is, those that can be a silo's name.
  const names = new Set(textsWithin(tenant, depth).filter((text) => TENANT_PATTERN.test(text)));
  return names.size === 0 ? undefined : cut([...names].join(ALSO));
}

function textsWithin(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > MAX_JSON_DEPTH) return [];
  return Object.values(value).flatMap((member) => textsWithin(member, depth + 1));
}

/** Two claims about one record: where they differ, both in one text, so that neither hides the other. */
export const bothClaims = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || other === undefined || one === other ? (one ?? other) : allClaims([one, other]);

function allClaims(claims: readonly (string | undefined)[]): string | undefined {
  const different = new Set(claims.filter((claim) => claim !== undefined).flatMap((claim) => claim.split(AND)));
  return different.size === 0 ? undefined : cut([...different].join(AND));
}

/** The tenants of a claim that are not this one; an object that names it among others is about it. */
export function otherTenants(claim: string | undefined, tenant: string): string | undefined {
  const others = claim?.split(AND).filter((names) => !names.split(ALSO).includes(tenant)) ?? [];
  return others.length === 0 ? undefined : others.join(AND);
}

/** Whether a text may name a tenant anywhere; names in JSON may be escaped. */
export const mayClaim = (text: string | Buffer): boolean =>
  text.includes(TENANT_MEMBER) || text.includes('TENANT') || text.includes('\\u00');

/** A parsed object with every tenant that its text names: of several members with one name, parsing keeps the last. */
export function withEveryTenant<T extends Said>(object: T, text: string): T {
  if (object[TENANT_MEMBER] === undefined) return object;
  const quoted = `"${TENANT_MEMBER}"`;
  if (text.indexOf(quoted) === text.lastIndexOf(quoted) && !text.includes('\\u00')) return object;
  const tenants = valuesOfMember(Buffer.from(text), TENANT_MEMBER);
  if (tenants.length < 2) return object;
  // The last in any case, which is what everybody else reads.
  return { ...object, [TENANT_MEMBER]: [...new Set([...tenants, object[TENANT_MEMBER]])] };
}

/** What the text of a JSON object claims that cannot be read as a whole. */
export function claimOfText(text: Buffer): string | undefined {
  if (!mayClaim(text)) return undefined;
  return tenantClaim(Object.fromEntries(TENANT_MEMBERS.map((member) => [member, valuesOfMember(text, member)])));
}
