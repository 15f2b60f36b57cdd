import fc from 'fast-check';
import { type Entity, entityText } from '../../../src/detect/entity.js';
import { PlainLines } from '../../../src/detect/plain-lines.js';
import { readRuleFiles, SHIPPED_RULES } from '../../../src/detect/rule-files.js';
import { compileRules } from '../../../src/detect/rules.js';
import { WatchList } from '../../../src/detect/watch-list.js';
import { parseRecord } from '../../../src/ingest/formats/parse-record.js';
import type { LogRecord } from '../../../src/platform/event-log/event-log.js';
import type { Matcher } from '../../../src/sigma/index.js';
import { mutated } from '../ingest/formats/mutated.js';

const ARRIVAL_MS = Date.UTC(2026, 2, 1, 9, 30);

const line = (
  target: string,
  agent = 'Mozilla/5.0 (X11; Linux x86_64)',
  referer = 'https://app.example.test/a',
): string => `192.0.2.7 - - [01/Mar/2026:09:29:58 +0000] "GET ${target} HTTP/1.1" 200 512 "${referer}" "${agent}"`;

const PLAIN = [line('/invoices/4711?page=2'), line('/'), line('/assets/app-1a2b.js', 'Mozilla/5.0', '-')];
/** Plain to look at, and what rules are about. */
const SOUGHT = [
  line('/.env'),
  line('/wp-login.php'),
  line('/.git/config'),
  line('/', 'sqlmap/1.8.2'),
  line('/', 'Nikto/2.5.0'),
  line('/actuator/env'),
  line('/cgi-bin/test.cgi'),
];

const recordOf = (value: Buffer, headers: Readonly<Record<string, Buffer>> = {}): LogRecord => {
  return { offset: 1, timestampMs: ARRIVAL_MS, key: null, value, headers };
};

describe('lines that no rule has to do with', () => {
  const plainLines = new PlainLines();
  let matcher: Matcher;
  beforeAll(async () => {
    const { files } = await readRuleFiles([SHIPPED_RULES]);
    ({ matcher } = compileRules(files).loaded);
  });
  const isPassed = (value: Buffer): boolean => !Number.isNaN(plainLines.timeOf(recordOf(value), undefined, matcher));

  it('are passed over', () => {
    for (const text of PLAIN) expect([text, isPassed(Buffer.from(text))]).toEqual([text, true]);
  });

  it('are none of those that rules are about', () => {
    for (const text of SOUGHT) expect([text, isPassed(Buffer.from(text))]).toEqual([text, false]);
  });

  it('are parsed where the record or the silo names another format, or an envelope says more', () => {
    const value = Buffer.from(PLAIN[0] ?? '');
    const timeOf = (record: LogRecord, format?: string): number =>
      plainLines.timeOf(record, format === undefined ? undefined : { format }, matcher);
    expect(timeOf(recordOf(value), 'combined')).not.toBeNaN();
    expect(timeOf(recordOf(value), 'syslog')).toBeNaN();
    expect(timeOf(recordOf(value, { format: Buffer.from('json') }))).toBeNaN();
    expect(timeOf(recordOf(value, { format: Buffer.from('combined') }), 'syslog')).not.toBeNaN();
    expect(timeOf(recordOf(value, { envelope: Buffer.from('{}') }))).toBeNaN();
    expect(timeOf({ ...recordOf(value), value: null })).toBeNaN();
  });

  it('match nothing, whatever words of attacks and of ordinary requests they are made of', () => {
    const words = fc.constantFrom(
      ...'invoices page 4711 app.js monthly admin login .env .git wp-login.php select union etc passwd eval system id=1 x=a,b'.split(
        ' ',
      ),
      ...'actuator console phpinfo.php bin sh cat curl http: 169.254.169.254 sleep(5) true false Mozilla 5.0 sqlmap nmap & ? / =,-'.split(
        ' ',
      ),
    );
    const text = fc.array(words, { maxLength: 8 }).map((some) => some.join(''));
    const records = fc
      .tuple(text, text, text)
      .map(([target, agent, referer]) =>
        Buffer.from(line(`/${target}`, `Mozilla/5.0 ${agent}`, `https://app.example.test/${referer}`)),
      );
    let passed = 0;
    fc.assert(
      fc.property(fc.oneof(records, mutated([...PLAIN, ...SOUGHT].map((one) => Buffer.from(one)))), (value) => {
        if (!isPassed(value)) return;
        passed += 1;
        const parsed = parseRecord(value, { arrivalMs: ARRIVAL_MS });
        expect(parsed.ok && matcher.match(parsed.event)).toEqual([]);
      }),
      { numRuns: 20_000 },
    );
    expect(passed).toBeGreaterThan(500);
  });

  it('name the same watched entities as their events do', () => {
    const names = ['192.0.2.7', '192.0.2.70', '2001:db8::7', 'ann', 'ann@example.test', 'a'.repeat(300), '-'];
    const watched = new WatchList(
      names
        .flatMap((value) => (['ip', 'user'] as const).map((kind) => ({ kind, value: value.slice(0, 256) })))
        .slice(2),
    );
    let named = 0;
    for (const peer of names) {
      for (const user of names) {
        const value = Buffer.from(line('/').replace('192.0.2.7 - -', `${peer} - ${user}`));
        const parsed = parseRecord(value, { arrivalMs: ARRIVAL_MS });
        if (!isPassed(value) || !parsed.ok) continue;
        const found = plainLines.watchedIn(value, watched);
        const texts = (entities: readonly Entity[]): string[] => entities.map(entityText).sort();
        expect([peer, user, texts(found)]).toEqual([peer, user, texts(watched.namedIn(parsed.event.fields))]);
        named += found.length;
      }
    }
    expect(named).toBeGreaterThan(20);
  });
});
