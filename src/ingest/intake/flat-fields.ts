import type { Envelope } from '../formats/envelope.js';
import { bothClaims, TENANT_MEMBER, tenantClaim } from '../formats/claims.js';
import { isObject, type JsonObject } from '../formats/read-json.js';

const MAX_FLAT = 100;
const MAX_NAME = 200;
const MAX_DEPTH = 8;
/** Longest text of a field; a carrier's facts are names and paths. */
const MAX_TEXT = 1024;

/**
 * An object's texts, numbers and truth values under dotted names; of a list the first value. What is more or longer than the bounds is left out, the tenant that
 * it names last of all.
 */
export function flatFields(
  object: JsonObject,
  without: ReadonlySet<string> = new Set(),
): Record<string, string | number | boolean> {
  const flat: Record<string, string | number | boolean> = {};
  let left = MAX_FLAT;
  const walk = (value: unknown, name: string, depth: number): void => {
    if (left <= 0 || depth > MAX_DEPTH || name.length > MAX_NAME) return;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      left -= 1;
      flat[name] = typeof value === 'string' ? value.slice(0, MAX_TEXT) : value;
    } else if (Array.isArray(value)) {
      if (value.length > 0) walk(value[0], name, depth + 1);
    } else if (isObject(value)) {
      for (const [inner, member] of Object.entries(value)) walk(member, `${name}.${inner}`, depth + 1);
    }
  };
  const tenant = Object.hasOwn(object, TENANT_MEMBER) ? object[TENANT_MEMBER] : undefined;
  // Of a list or an object all that it claims.
  if (typeof tenant === 'object') walk(tenantClaim({ [TENANT_MEMBER]: tenant }), TENANT_MEMBER, 1);
  if (!Array.isArray(tenant)) walk(tenant, TENANT_MEMBER, 1);
  for (const [name, value] of Object.entries(object))
    if (name !== TENANT_MEMBER && !without.has(name)) walk(value, name, 1);
  return flat;
}

/** What is said nearer to a record holds; of two tenants that are named both stay, before all else, since an envelope leaves out what comes last. */
export function joinedFields(around: Envelope['fields'], near: Envelope['fields']): Envelope['fields'] {
  const tenant = bothClaims(tenantClaim(around), tenantClaim(near));
  const first = tenant === undefined ? {} : { [TENANT_MEMBER]: tenant };
  // Named twice: once for its place, once for its value.
  return { ...first, ...around, ...near, ...first };
}
