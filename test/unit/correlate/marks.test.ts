import fc from 'fast-check';
import { Marks } from '../../../src/correlate/marks.js';

const origin = (offset: number, ordinal = 0, source = 'silo.a.access/0', incarnation = 1) => ({
  incarnation,
  source,
  offset,
  ordinal,
});

describe('marks', () => {
  it('take what is above them and drop the rest', () => {
    const marks = new Marks();
    expect(marks.take(origin(5), 'h')).toBe(true);
    expect(marks.take(origin(5), 'h')).toBe(false);
    expect(marks.take(origin(4, 9), 'h')).toBe(false);
    expect(marks.take(origin(5, 1), 'h')).toBe(true);
    expect(marks.take(origin(6), 'h')).toBe(true);
  });

  it('keep incarnations, sources and changed rules apart', () => {
    const marks = new Marks();
    marks.take(origin(100), 'h');
    expect(marks.take(origin(0, 0, 'silo.a.access/0', 2), 'h')).toBe(true);
    expect(marks.take(origin(0, 0, 'silo.a.access/1'), 'h')).toBe(true);
    expect(marks.take(origin(0), 'changed')).toBe(true);
  });

  it('go on from what was stored, and tell only what moved', () => {
    const marks = new Marks([{ incarnation: 1, source: 'silo.a.access/0', hash: 'h', offset: 7, ordinal: 0 }]);
    expect(marks.take(origin(7), 'h')).toBe(false);
    expect(marks.changes()).toEqual([]);
    marks.take(origin(8), 'h');
    expect(marks.changes()).toEqual([{ ...origin(8), hash: 'h' }]);
    expect(marks.changes()).toEqual([]);
  });

  it('take each signal of a source once, however often stretches of it are sent again from an earlier place', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 12 }), (restarts) => {
        const marks = new Marks();
        const taken: number[] = [];
        let reached = 0;
        for (const restart of [...restarts, 0]) {
          const from = Math.min(restart, reached);
          reached = Math.max(reached, Math.min(40, from + 15));
          for (let offset = from; offset < reached; offset += 1)
            if (marks.take(origin(offset), 'h')) taken.push(offset);
        }
        expect(taken).toEqual(Array.from({ length: reached }, (_, offset) => offset));
      }),
    );
  });
});
