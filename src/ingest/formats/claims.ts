/** The member, or the field of an envelope, in which a record names a tenant. */
export const TENANT_MEMBER = 'tenant';

/** The tenant that a record or its envelope claims to be of; a number counts as its digits. */
export function tenantClaim(said: Readonly<Record<string, unknown>>): string | undefined {
  const tenant = said[TENANT_MEMBER];
  if (typeof tenant === 'number') return String(tenant);
  return typeof tenant === 'string' && tenant !== '' ? tenant : undefined;
}

/** Two claims about one record: where they differ, both in one text, which is no tenant's name, so that neither hides the other. */
export function bothClaims(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one === other ? one : `${one}, ${other}`;
}
