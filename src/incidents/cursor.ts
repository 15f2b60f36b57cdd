/** A place in a list that is ordered by time and id; opaque to the reader. */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const writeCursor = (at: Date, id: string): string => Buffer.from(`${at.getTime()}.${id}`).toString('base64url');

/** Undefined for none and for one that makes no sense: the list then starts at its beginning. */
export function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [ms = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split('.');
  return /^\d{1,15}$/.test(ms) && UUID.test(id) ? { at: new Date(Number(ms)), id } : undefined;
}
