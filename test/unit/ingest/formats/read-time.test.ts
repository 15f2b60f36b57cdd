import fc from 'fast-check';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { bsdTimeAt, combinedTimeAt, isoTime } from '../../../../src/ingest/formats/read-time.js';

const arrivalMs = Date.parse('2026-03-10T00:00:00Z');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

describe('a time in a text', () => {
  it('is the one that a calendar has, or none', () => {
    const part = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(
        fc.record({
          year: fc.constantFrom(2023, 2024, 2100, 2000, 2025),
          month: fc.integer({ min: 1, max: 12 }),
          day: fc.oneof(part(39), fc.integer({ min: 28, max: 32 })),
          hour: fc.oneof(part(23), part(30)),
          minute: fc.oneof(part(59), part(70)),
          second: fc.oneof(part(59), part(70)),
        }),
        ({ year, month, day, hour, minute, second }) => {
          const ms = Date.UTC(year, month - 1, day, hour, minute, second);
          const at = new Date(ms);
          const isReal =
            at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
          fc.pre(second !== 60 && hour !== 24);
          const clock = `${two(hour)}:${two(minute)}:${two(second)}`;
          const [name = ''] = MONTHS.slice(month - 1);
          const read = [
            combinedTimeAt(`${two(day)}/${name}/${year}:${clock} +0000`, 0),
            isoTime(`${year}-${two(month)}-${two(day)}T${clock}Z`, undefined),
            isoTime(`${year}-${two(month)}-${two(day)} ${clock}`, undefined),
            bsdTimeAt(`${name} ${String(day).padStart(2, ' ')} ${clock} `, 0, arrivalMs, undefined, year),
          ];
          expect(read).toEqual(read.map(() => (isReal ? ms : NaN)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('without a year is in the latest year that has the day', () => {
    const at = (text: string, now: string): number => bsdTimeAt(text, 0, Date.parse(now), undefined, undefined);
    expect(at('Feb 29 10:00:00 ', '2026-03-10T00:00:00Z')).toBe(Date.parse('2024-02-29T10:00:00Z'));
    expect(at('Feb 29 10:00:00 ', '2024-02-29T12:00:00Z')).toBe(Date.parse('2024-02-29T10:00:00Z'));
    expect(at('Feb 29 10:00:00 ', '2103-03-10T00:00:00Z')).toBe(Date.parse('2096-02-29T10:00:00Z'));
    expect(at('Feb 30 10:00:00 ', '2026-03-10T00:00:00Z')).toBeNaN();
  });

  it.each([
    ['syslog', 'Feb 31 25:61:61 web-1 sshd[811]: Failed password for root from 203.0.113.7 port 4711 ssh2'],
    ['syslog', '<38>Feb 30 09:00:00 web-1 sshd[811]: Failed password for root from 203.0.113.7 port 4711 ssh2'],
    ['syslog', '2026-02-30T09:00:00Z web-1 sshd[811]: Failed password for root from 203.0.113.7 port 4711 ssh2'],
    [
      'syslog',
      '<38>1 2026-02-30T09:00:00Z web-1 sshd 811 - - Failed password for root from 203.0.113.7 port 4711 ssh2',
    ],
    ['combined', '203.0.113.7 - - [31/Feb/2026:25:30:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x"'],
    ['json', '{"time":"2026-02-30T09:00:00Z","a":1}'],
    ['postgresql-csv', `2026-02-30 09:00:00.123 UTC,"a"${','.repeat(24)}`],
  ])('that never was leaves the record of %s to be seen at its arrival: %s', (format, text) => {
    expect(parseRecord(Buffer.from(text), { arrivalMs })).toMatchObject({
      ok: true,
      event: { format, timeMs: arrivalMs, timeSource: 'arrival' },
    });
  });
});
