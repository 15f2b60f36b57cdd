import { TENANT_PATTERN } from '../../platform/event-log/topics.js';
import type { SiloCursor } from './silo-overview.repository.js';
import type { SiloOrder } from './silo-overview.schema.js';

export const writeSiloCursor = ({ place, tenant }: SiloCursor): string =>
  Buffer.from(JSON.stringify([place, tenant])).toString('base64url');

/** Undefined for none and for one that makes no sense in this order: the list then starts at its beginning. */
export function readSiloCursor(text: string | undefined, order: SiloOrder): SiloCursor | undefined {
  if (text === undefined) return undefined;
  try {
    const [place, tenant] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    if (typeof place !== 'string' || typeof tenant !== 'string' || !TENANT_PATTERN.test(tenant)) return undefined;
    if (order === 'name') return place.includes('\0') ? undefined : { place, tenant };
    const number = Number(place);
    // As the number that it is: Postgres refuses texts that are too large or too small for one.
    return place === '' || !Number.isFinite(number) ? undefined : { place: String(number), tenant };
  } catch {
    return undefined;
  }
}
