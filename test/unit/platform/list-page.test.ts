import { listPage, readCursor } from '../../../src/platform/http/list-page.js';

const rows = [5, 4, 3].map((minute) => ({
  at: new Date(Date.UTC(2026, 2, 1, 9, minute)),
  id: `0195a000-0000-7000-8000-00000000000${minute}`,
}));

describe('a page of a list', () => {
  it('names the place behind its last item when more was found', () => {
    const { items, nextCursor } = listPage(rows, 2, (row) => row);
    expect(items).toEqual(rows.slice(0, 2));
    expect(readCursor(nextCursor ?? '')).toEqual(rows[1]);
  });

  it('names none at the end', () => {
    expect(listPage(rows, 3, (row) => row)).toEqual({ items: rows, nextCursor: null });
    expect(listPage([], 3, (row: { at: Date; id: string }) => row)).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    '',
    'x',
    'MTI',
    Buffer.from("1.' or 1=1").toString('base64url'),
    Buffer.from('1e9.x').toString('base64url'),
  ])('begins at its beginning for the cursor “%s”, which nobody was given', (text) => {
    expect(readCursor(text)).toBeUndefined();
  });
});
