/**
 * The texts a field holds, as rules address it: the flat name first, else the dotted path, any element of an array.
 * Objects and nulls hold none. At most `limit` are given.
 */
export function fieldTexts(fields: Readonly<Record<string, unknown>>, name: string, limit = 20): string[] {
  const found: string[] = [];
  if (Object.hasOwn(fields, name)) collect(fields[name], found, limit);
  else if (name.includes('.')) walk(fields, name.split('.'), 0, found, limit);
  return found;
}

function walk(value: unknown, path: readonly string[], depth: number, found: string[], limit: number): void {
  if (found.length >= limit) return;
  if (Array.isArray(value)) {
    for (const element of value as unknown[]) walk(element, path, depth, found, limit);
    return;
  }
  const part = path[depth];
  if (part === undefined) {
    collect(value, found, limit);
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, part)) {
    walk((value as Record<string, unknown>)[part], path, depth + 1, found, limit);
  }
}

function collect(value: unknown, found: string[], limit: number): void {
  if (found.length >= limit) return;
  if (typeof value === 'string') found.push(value);
  else if (typeof value === 'number' || typeof value === 'boolean') found.push(String(value));
  else if (Array.isArray(value)) for (const element of value as unknown[]) collect(element, found, limit);
}
