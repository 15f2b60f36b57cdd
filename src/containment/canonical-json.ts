import { createHash } from 'node:crypto';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** JSON with sorted keys and no spaces (in the manner of RFC 8785), so that the same command is the same bytes for who approves and who sends. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value as Json));
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  const object = value as { readonly [key: string]: Json };
  // Through a null prototype a key named __proto__ stays a key.
  const copy = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(object).sort()) {
    const child = object[key];
    if (child !== undefined) copy[key] = sorted(child);
  }
  return copy;
}

/** What an approval is bound to: the silo, and the exact bytes of the command (which name the incident and the action). */
export function commandHash(tenant: string, command: string): string {
  return createHash('sha256').update(`${tenant}\n${command}`).digest('hex');
}
