import { jest } from '@jest/globals';
import fc from 'fast-check';
import { MAX_FIELDS } from '../../../../src/ingest/formats/parsed-record.js';
import { readJson } from '../../../../src/ingest/formats/read-json.js';

const LONG = ' '.repeat(40_000);
const names = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, 1])));

it('a long text with far too many members is told without being parsed', () => {
  const parse = jest.spyOn(JSON, 'parse');
  const read = readJson(names(100_000));
  expect([read, parse.mock.calls.length]).toEqual([{ ok: false, reason: 'too_many_fields' }, 0]);
  parse.mockRestore();
});

it('a long text is read as a short one is', () => {
  const value = fc.oneof(
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.constantFrom('"', '\\', '{', ',').map((sign) => ({ text: sign.repeat(50_000) })),
    fc.nat({ max: MAX_FIELDS - 1 }).map((count) => ({ list: Array<unknown[]>(count).fill([]) })),
    fc.nat({ max: MAX_FIELDS + 10 }).map((count) => JSON.parse(names(count)) as object),
  );
  fc.assert(
    fc.property(value, (object) => {
      const text = JSON.stringify(object);
      expect(readJson(text + LONG)).toEqual(readJson(text.length > LONG.length ? text + LONG : text));
    }),
  );
});
