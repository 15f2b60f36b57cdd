import { fieldTexts } from '../../../src/event/read-field.js';

describe('fieldTexts', () => {
  const fields = { 'a.b': 'flat', a: { b: 'nested', c: [{ d: 1 }, { d: true }] }, empty: null, list: ['x', ['y'], {}] };
  it.each([
    ['a.b', ['flat']],
    ['a.c.d', ['1', 'true']],
    ['list', ['x', 'y']],
    ['empty', []],
    ['a', []],
    ['toString', []],
    ['a.constructor', []],
    ['missing.path', []],
  ])('reads %s', (name, texts) => {
    expect(fieldTexts(fields, name)).toEqual(texts);
  });
  it('gives no more than asked for', () => {
    expect(fieldTexts({ many: Array.from({ length: 50 }, (_, i) => i) }, 'many', 3)).toEqual(['0', '1', '2']);
  });
});
