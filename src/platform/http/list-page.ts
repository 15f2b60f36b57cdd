import { z } from 'zod';

/** What a list takes in its query: a page's size, and where it begins. */
export const pageQuery = {
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

/** What a list is searched for, up to `max` UTF-16 units. */
export const searchText = (max: number): z.ZodString =>
  z
    .string()
    .trim()
    .max(max)
    .refine((text) => !text.includes('\0'), 'must not contain NUL, which Postgres knows in no text');

/** A place in a list that is ordered by time and id; opaque to the reader. */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

export interface ListPage<T> {
  readonly items: T[];
  /** The rest of the list begins behind it; null at the list's end. */
  readonly nextCursor: string | null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Undefined for none and for one that makes no sense: the list then starts at its beginning. */
export function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [ms = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split('.');
  return /^\d{1,15}$/.test(ms) && UUID.test(id) ? { at: new Date(Number(ms)), id } : undefined;
}

/** One page out of `found`, which was asked for with `limit + 1`, so that it tells whether more follow. */
export function listPage<T>(found: readonly T[], limit: number, placeOf: (item: T) => Cursor): ListPage<T> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : writeCursor(placeOf(last)) };
}

const writeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at.getTime()}.${id}`).toString('base64url');
