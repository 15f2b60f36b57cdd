import fc from 'fast-check';
import { COMBINED_STRETCHES, CombinedGlance } from '../../../../src/ingest/formats/glance-combined.js';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { mutated } from './mutated.js';

const ARRIVAL_MS = Date.UTC(2026, 2, 1, 9, 30);
const TIME = '01/Mar/2026:09:29:58 +0000';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

const line = (request: string, rest = `200 512 "-" "${FIREFOX}"`): string =>
  `192.0.2.7 - - [${TIME}] "${request}" ${rest}`;

const PLAIN: Readonly<Record<string, string>> = {
  'a page': line('GET /invoices/4711?page=2&sort=-date HTTP/1.1'),
  'the common format': `2001:db8::7 - ann@example.test [${TIME}] "POST / HTTP/2.0" 201 -`,
  'a referer with a query': line('GET / HTTP/1.1', `304 0 "https://app.example.test:8443/a/b?x=1&y=2" "${FIREFOX}"`),
  'a robot that names its page': line('GET /robots.txt HTTP/1.0', '404 9 "-" "Bot/2.1 (+http://bot.example.test/)"'),
  'an agent in plain words': line('GET /feed HTTP/1.1', '200 1 "" "Feed reader - 3 subscribers"'),
  'no agent': line('GET /?a HTTP/1.1', '200 1 "-" "-"'),
};
/** Lines that rules, decoding or parsing may have to do with. */
const OTHER: Readonly<Record<string, string>> = {
  'an escape': line('GET /a%2eb HTTP/1.1'),
  'a plus in the query': line('GET /search?q=a+b HTTP/1.1'),
  'two dots': line('GET /a/../b HTTP/1.1'),
  'two slashes': line('GET //a HTTP/1.1'),
  'a comment of SQL': line('GET /?q=1--x HTTP/1.1'),
  'a hexadecimal dot': line('GET /?q=0x2e HTTP/1.1'),
  'a quote': line(`GET /?q=' HTTP/1.1`),
  'an escaped quote': line('GET /?q=\\" HTTP/1.1'),
  'a target that is a whole address': line('GET http://192.0.2.1/ HTTP/1.1'),
  'no request': line('-'),
  'a TLS hello': line('\\x16\\x03\\x01'),
  'another client behind a proxy': line('GET / HTTP/1.1', `200 1 "-" "${FIREFOX}" "198.51.100.4"`),
  'a virtual host in front': `app.example.test:443 ${line('GET / HTTP/1.1')}`,
  'a referer that is no address': line('GET / HTTP/1.1', `200 1 "android-app:x" "${FIREFOX}"`),
  'two dots in the host of a referer': line('GET / HTTP/1.1', `200 1 "https://a..b/" "${FIREFOX}"`),
  'an agent with code': line('GET / HTTP/1.1', '200 1 "-" "Mozilla/5.0 ${jndi:x}"'),
  'an agent that is no product': line('GET / HTTP/1.1', '200 1 "-" "() { :; };"'),
  'two dots in the agent': line('GET / HTTP/1.1', '200 1 "-" "a/1 .."'),
  'a letter that is not ASCII': line('GET /é HTTP/1.1'),
  'a time in the future': line('GET / HTTP/1.1').replace('2026', '2027'),
  'a time of years ago': line('GET / HTTP/1.1').replace('2026', '2024'),
  'no time': line('GET / HTTP/1.1').replace('Mar', 'Xyz'),
  'a number with zeros in front': line('GET / HTTP/1.1', '200 0512'),
  'a blank at the end': `${line('GET / HTTP/1.1')} `,
  'a line cut off': line('GET / HTTP/1.1').slice(0, 70),
  'another format': '<34>1 2026-03-01T09:29:58Z host su - ID47 - text',
  nothing: '',
};

const glance = new CombinedGlance();

/** The fields as the stretches have them; numbers as numbers. */
function fieldsOf(bytes: Buffer): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [which, { names, mayHold }] of COMBINED_STRETCHES.entries()) {
    const [start = -1, end = -1] = glance.stretches.slice(which * 2, which * 2 + 2);
    if (start < 0) continue;
    const text = bytes.toString('latin1', start, end);
    for (const part of partsOf(text)) expect([text, mayHold(part)]).toEqual([text, true]);
    for (const name of names) fields[name] = name === 'sc-status' || name === 'sc-bytes' ? Number(text) : text;
  }
  return fields;
}

/** The beginnings, ends and middles of a text, as literals are written. */
const partsOf = (text: string): string[] => {
  const folded = text.toLowerCase();
  const third = Math.floor(folded.length / 3);
  return [folded, folded.slice(0, third), folded.slice(third, -third), folded.slice(-third)];
};

function expectAgreement(bytes: Buffer): void {
  const timeMs = glance.timeOf(bytes, ARRIVAL_MS);
  if (Number.isNaN(timeMs)) return;
  const event = { timeMs, timeSource: 'record', format: 'combined', logsource: { category: 'webserver' } };
  expect(parseRecord(bytes, { arrivalMs: ARRIVAL_MS })).toEqual({
    ok: true,
    event: { ...event, fields: fieldsOf(bytes) },
  });
}

describe('a glance at a line of an access log', () => {
  it.each(Object.entries(PLAIN))('is enough for %s', (_, text) => {
    const bytes = Buffer.from(text);
    expect(glance.timeOf(bytes, ARRIVAL_MS)).toBe(Date.UTC(2026, 2, 1, 9, 29, 58));
    expectAgreement(bytes);
  });

  it.each(Object.entries(OTHER))('is not enough for %s', (_, text) => {
    expect(glance.timeOf(Buffer.from(text), ARRIVAL_MS)).toBeNaN();
  });

  it('names whom the line is about', () => {
    const bytes = Buffer.from(PLAIN['the common format'] ?? '');
    glance.timeOf(bytes, ARRIVAL_MS);
    const { peer, user } = glance;
    const named = [peer, user].map(({ start, end }) => bytes.toString('latin1', start, end));
    expect(named).toEqual(['2001:db8::7', 'ann@example.test']);
  });

  it('sees what parsing gives, or leaves the line to it, whatever bytes are changed', () => {
    const samples = [...Object.values(PLAIN), ...Object.values(OTHER)].map((text) => Buffer.from(text));
    fc.assert(fc.property(mutated(samples), expectAgreement), { numRuns: 20_000 });
  });

  it('sees the same in targets, referers and agents of any signs', () => {
    const signs = fc.constantFrom(...Array.from('aZ09_.,:@~!=&-/?+%;#()[]*\\"\'<>{}|^$` x2eé'));
    const text = fc.string({ unit: signs, maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (target, referer, agent) => {
        expectAgreement(Buffer.from(line(`GET /${target} HTTP/1.1`, `200 1 "http://h/${referer}" "A/1${agent}"`)));
        expectAgreement(Buffer.from(line(`GET / HTTP/1.1`, `200 1 "https://${referer}" "${agent}"`)));
      }),
      { numRuns: 20_000 },
    );
  });
});
