import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event } from '../../../../src/event/event.js';
import type { Envelope } from '../../../../src/ingest/formats/envelope.js';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { FORMAT_NAMES, type FormatSettings } from '../../../../src/ingest/formats/parsed-record.js';
import { sourcesOf } from '../../../../src/ingest/source.js';
import { mutated } from './mutated.js';

const ARRIVAL = Date.parse('2026-03-10T00:00:00Z');
const samples = join(import.meta.dirname, '../../../fixtures/formats');

function parse(text: string, settings?: FormatSettings, arrivalMs = ARRIVAL) {
  return parseRecord(Buffer.from(text), { arrivalMs, ...(settings === undefined ? {} : { settings }) });
}

function eventOf(text: string, settings?: FormatSettings, arrivalMs = ARRIVAL): Event {
  const parsed = parse(text, settings, arrivalMs);
  if (!parsed.ok) throw new Error(`${parsed.reason}: ${text.slice(0, 80)}`);
  return parsed.event;
}

function sample(format: string, line: number, settings?: FormatSettings): Event {
  const text = readFileSync(join(samples, format, 'sample.log'), 'utf8').split('\n')[line] ?? '';
  return eventOf(text, settings);
}

describe.each([...FORMAT_NAMES])('the samples of %s', (format) => {
  const lines = readFileSync(join(samples, format, 'sample.log'), 'utf8')
    .trimEnd()
    .split('\n');
  it.each(lines)('are recognised by shape and read the same when named: %s', (line) => {
    const byShape = eventOf(line);
    expect(byShape.format).toBe(format);
    expect(parseRecord(Buffer.from(line), { arrivalMs: ARRIVAL, format })).toEqual({ ok: true, event: byShape });
  });
});

describe('combined', () => {
  it('gives the webserver taxonomy', () => {
    const event = sample('combined', 0);
    expect(event).toMatchObject({ logsource: { category: 'webserver' }, timeSource: 'record' });
    expect(new Date(event.timeMs).toISOString()).toBe('2026-03-01T08:30:00.000Z');
    expect(event.fields).toEqual({
      'c-ip': '203.0.113.7',
      'cs-method': 'GET',
      'c-uri': '/app/invoices?page=2',
      'cs-uri-query': '/app/invoices?page=2',
      'cs-uri-stem': '/app/invoices',
      'request.decoded': '/app/invoices?page=2',
      'request.path': '/app/invoices',
      'request.query': 'page=2',
      'sc-status': 200,
      'sc-bytes': 5120,
      'cs-user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
      'request.user_agent': 'Mozilla/5.0 (X11; Linux x86_64)',
      'cs-referer': 'https://acme.cashsheet.example/app',
      'request.referer': 'https://acme.cashsheet.example/app',
      'cs-version': 'HTTP/1.1',
    });
  });
  it('leaves out what the log marks with a dash', () => {
    const { fields } = sample('combined', 1);
    expect(fields).not.toHaveProperty(['cs-referer']);
    expect(fields).toMatchObject({ 'c-ip': '2001:db8::7', 'cs-username': 'ada', 'cs-version': 'HTTP/2.0' });
  });
  it('reads escaped quotes, missing sizes and other zones', () => {
    const event = sample('combined', 2);
    expect(event.fields).toMatchObject({ 'cs-user-agent': 'quote " inside', 'request.decoded': '/a b' });
    expect(event.fields).not.toHaveProperty(['sc-bytes']);
    expect(new Date(event.timeMs).toISOString()).toBe('2026-03-01T14:30:02.000Z');
  });
  it('keeps a request that is none, so that rules see it', () => {
    expect(sample('combined', 3).fields).toMatchObject({ 'c-uri': '\x16\x03\x01\0', 'sc-status': 400 });
    expect(sample('combined', 3).fields).not.toHaveProperty(['cs-method']);
  });
  it('reads a virtual host in front', () => {
    expect(sample('combined', 4).fields).toMatchObject({ 'cs-host': 'acme.example', 'c-ip': '198.51.100.6' });
  });
  it('believes X-Forwarded-For only as far as the proxies are trusted', () => {
    expect(sample('combined', 5).fields['c-ip']).toBe('10.0.0.9');
    expect(sample('combined', 5, { trustedProxies: ['10.0.0.0/8'] }).fields['c-ip']).toBe('203.0.113.50');
    const two = { trustedProxies: ['10.0.0.0/8', '203.0.113.50'] };
    expect(sample('combined', 5, two).fields['c-ip']).toBe('198.51.100.99');
  });
  it('reads the common format', () => {
    expect(sample('combined', 6).fields).toMatchObject({ 'cs-uri-stem': '/common', 'sc-bytes': 2326 });
  });
  it('is not fooled by a user name that imitates the rest of the line', () => {
    const forged = 'x [01/Mar/2026:00:00:00 +0000] \\"GET /ok HTTP/1.1\\" 200 1';
    const line = `198.51.100.9 - ${forged} [01/Mar/2026:09:30:00 +0000] "GET /real HTTP/1.1" 401 1 "-" "-"`;
    expect(eventOf(line).fields).toMatchObject({ 'cs-uri-stem': '/real', 'sc-status': 401 });
  });
});

describe('JSON access logs', () => {
  it.each([
    ['nginx-json', 0, { 'c-ip': '203.0.113.7', 'cs-uri-stem': '/app', 'request.query': "q='", 'sc-status': 200 }],
    ['nginx-json', 1, { 'cs-method': 'POST', 'c-uri': '/login', 'sc-status': 401, 'sc-bytes': 90 }],
    ['caddy', 0, { 'c-ip': '203.0.113.7', 'cs-host': 'acme.cashsheet.example', 'cs-user-agent': 'curl/8.5.0' }],
    ['traefik', 0, { 'c-ip': '203.0.113.7', 'cs-uri-stem': '/.env', 'sc-status': 404, 'time-taken': 0.0015 }],
    ['envoy', 0, { 'c-ip': '203.0.113.7', 'cs-method': 'GET', 'time-taken': 0.015 }],
  ])('of %s, sample %i, give the webserver taxonomy', (format, line, fields) => {
    const event = sample(format, line);
    expect(event.logsource).toEqual({ category: 'webserver' });
    expect(event.fields).toMatchObject(fields);
    expect(new Date(event.timeMs).toISOString()).toMatch(/^2026-03-01T09:30:00/);
  });
});

describe('the client’s address', () => {
  const trusted = { trustedProxies: ['10.0.0.0/8', '::1'] };
  const caddy = (headers: object, peer: object = { remote_ip: '10.0.0.1' }): string =>
    JSON.stringify({ ts: 1, request: { ...peer, uri: '/', method: 'GET', headers }, status: 200 });
  const traefik = (peer: object): string =>
    JSON.stringify({ ...peer, RequestPath: '/', RequestMethod: 'GET', DownstreamStatus: 200 });
  const envoy = (peer: string): string =>
    JSON.stringify({ downstream_remote_address: peer, path: '/', method: 'GET', response_code: 200 });
  it.each([
    ['the last line of X-Forwarded-For', caddy({ 'X-Forwarded-For': ['6.6.6.6', '203.0.113.7'] })],
    ['the last line before a proxy’s', caddy({ 'X-Forwarded-For': ['6.6.6.6', '203.0.113.7', '10.0.0.2'] })],
    ['a header in small letters', caddy({ 'x-forwarded-for': ['203.0.113.7'] })],
    ['a header that is no list', caddy({ 'X-FORWARDED-FOR': '203.0.113.7' })],
    ['hops with ports', caddy({ 'X-Forwarded-For': ['6.6.6.6, 203.0.113.7:5012, [::1]:80, 10.0.0.9:123'] })],
    ['a peer with a port', traefik({ ClientAddr: '203.0.113.7:5012' })],
    ['a header of Traefik', traefik({ ClientHost: '10.0.0.1', 'request_X-Forwarded-For': '6.6.6.6, 203.0.113.7' })],
    ['Envoy’s peer', envoy('203.0.113.7:5012')],
  ])('is read of %s', (_what, line) => {
    expect(eventOf(line, trusted).fields['c-ip']).toBe('203.0.113.7');
  });
  it.each([
    ['Caddy', caddy({}, { remote_ip: '2001:db8::9' })],
    ['Caddy before 2.5', caddy({}, { remote_addr: '[2001:db8::9]:41342' })],
    ['Traefik', traefik({ ClientAddr: '[2001:db8::9]:50122' })],
    ['Traefik’s host', traefik({ ClientHost: '2001:db8::9' })],
    ['Envoy', envoy('[2001:db8::9]:443')],
    ['Envoy without a port', envoy('2001:db8::9')],
  ])('in IPv6 is read of %s', (_what, line) => {
    expect(eventOf(line).fields['c-ip']).toBe('2001:db8::9');
  });
  it('of a header in small letters is beside what else headers say', () => {
    const { fields } = eventOf(caddy({ 'user-agent': ['sqlmap'], referer: ['x'] }));
    expect(fields).toMatchObject({ 'cs-user-agent': 'sqlmap', 'cs-referer': 'x' });
  });
});

describe('audit records', () => {
  it('keep their members and belong to the application of a silo', () => {
    const event = sample('silowatch-audit', 0);
    expect(event).toMatchObject({ logsource: { product: 'silo', service: 'app' }, fields: { actor: { id: 'u-42' } } });
    expect(event.claimedTenant).toBeUndefined();
  });
  it('tell which tenant they claim to be of', () => {
    expect(sample('silowatch-audit', 1).claimedTenant).toBe('globex');
  });
  it.each([
    ['no id', { id: undefined }],
    ['an action without a verb', { action: 'login' }],
    ['an unknown outcome', { outcome: 'maybe' }],
    ['no actor', { actor: undefined, outcome: 'success' }],
    ['an actor of no known type', { actor: { type: 'robot' } }],
    ['roles that are no list of texts', { actor: { type: 'user', roles: [{}] } }],
    ['an address that is no text', { ip: 7 }],
    ['a target that is a text', { target: 'invoice' }],
  ])('with %s are refused', (_what, change) => {
    const sound = { v: 1, id: 'x', action: 'session.login', outcome: 'success', actor: { type: 'user' } };
    expect(parse(JSON.stringify(sound)).ok).toBe(true);
    expect(parse(JSON.stringify({ ...sound, ...change }))).toEqual({ ok: false, reason: 'invalid' });
  });
});

describe('syslog', () => {
  it('reads a failed sign-in', () => {
    const event = sample('syslog', 0);
    expect(event.logsource).toEqual({ product: 'linux', service: 'sshd' });
    expect(event.fields).toMatchObject({
      host: 'db-1',
      program: 'sshd',
      pid: 1291,
      action: 'ssh.login',
      outcome: 'failure',
      method: 'password',
      user: 'admin',
      user_exists: false,
      src_ip: '203.0.113.9',
      src_port: 50378,
    });
  });
  it('takes the address that sshd wrote, not the one inside a forged user name', () => {
    expect(sample('syslog', 1).fields).toMatchObject({
      user: 'root from 10.0.0.1 port 22 ssh2',
      src_ip: '203.0.113.9',
    });
  });
  it('reads an accepted key over IPv6 and the priority', () => {
    expect(sample('syslog', 2).fields).toMatchObject({
      outcome: 'success',
      method: 'publickey',
      user: 'deploy',
      src_ip: '2001:db8::9',
      facility: 10,
      severity: 6,
    });
  });
  it('reads sudo, with a command that imitates what comes before it', () => {
    expect(sample('syslog', 3).fields).toMatchObject({
      action: 'sudo.command',
      outcome: 'success',
      user: 'deploy',
      target_user: 'root',
      pwd: '/home/deploy',
      tty: 'pts/0',
      command: '/usr/bin/apt-get update',
    });
    expect(sample('syslog', 4).fields).toMatchObject({
      outcome: 'denied',
      target_user: 'root',
      command: '/bin/cat /etc/shadow ; USER=nobody',
    });
  });
  it('reads RFC 5424 with brackets inside structured data', () => {
    const event = sample('syslog', 5);
    expect(event.fields).toMatchObject({
      action: 'ssh.invalid_user',
      user: 'oracle',
      src_ip: '203.0.113.10',
      message_id: 'ID47',
      pid: 777,
    });
    expect(new Date(event.timeMs).toISOString()).toBe('2026-03-07T13:07:02.003Z');
  });
  it('reads RFC 3339 times, cron, new accounts, repeats and other programs', () => {
    const cron = sample('syslog', 6);
    expect(new Date(cron.timeMs).toISOString()).toBe('2026-03-07T13:07:03.123Z');
    expect(cron.fields).toMatchObject({ action: 'cron.command', user: 'root', command: '/usr/local/bin/backup' });
    expect(sample('syslog', 7).fields).toMatchObject({ action: 'account.create', user: 'toor', uid: 0 });
    expect(sample('syslog', 8).fields).toMatchObject({ outcome: 'failure', repeated: 5, src_ip: '203.0.113.9' });
    expect(sample('syslog', 9).logsource).toEqual({ product: 'linux', service: 'syslog' });
  });
  it('takes zone and year from the settings', () => {
    const settings = { zone: 'Europe/Berlin', year: 2025 };
    expect(new Date(sample('syslog', 0, settings).timeMs).toISOString()).toBe('2025-03-07T12:06:56.000Z');
  });
  it('takes the latest year that does not lie ahead, when no year is set', () => {
    const december = 'Dec 31 23:59:59 db-1 sshd[1]: x';
    const newYear = Date.parse('2026-01-01T00:00:05Z');
    expect(new Date(eventOf(december, undefined, newYear).timeMs).toISOString()).toBe('2025-12-31T23:59:59.000Z');
    const ahead = 'Jan  1 00:00:02 db-1 sshd[1]: x';
    const oldYear = Date.parse('2025-12-31T23:59:59Z');
    expect(new Date(eventOf(ahead, undefined, oldYear).timeMs).toISOString()).toBe('2026-01-01T00:00:02.000Z');
  });
});

describe('the journal', () => {
  it('is read as what its programs say', () => {
    const event = sample('journald', 0);
    expect(event).toMatchObject({
      logsource: { product: 'linux', service: 'sshd' },
      timeMs: Date.parse('2026-03-01T09:30:00.123Z'),
      fields: {
        host: 'web-1',
        program: 'sshd',
        pid: 811,
        severity: 6,
        user: 'root',
        src_ip: '203.0.113.7',
        action: 'ssh.login',
        _SYSTEMD_UNIT: 'ssh.service',
      },
    });
    expect(sample('journald', 1).fields['message']).toBe('caf\uFFFD is open');
    expect(sample('journald', 2)).toMatchObject({
      logsource: { service: 'sudo' },
      fields: { user: 'eve', USER: 'root' },
    });
    expect(parse('{"SYSLOG_IDENTIFIER":"x","MESSAGE":{"a":1}}')).toEqual({ ok: false, reason: 'malformed' });
  });
});

describe('a tenant that is named', () => {
  const JSON_FORMATS = FORMAT_NAMES.filter((format) => {
    return readFileSync(join(samples, format, 'sample.log'), 'utf8').startsWith('{');
  });
  const claimOf = (text: string | Buffer, envelope?: Envelope): string | undefined => {
    const parsed = parseRecord(Buffer.from(text), { arrivalMs: ARRIVAL, ...(envelope && { envelope }) });
    if (!parsed.ok) throw new Error(parsed.reason);
    return parsed.event.claimedTenant;
  };
  const lineOf = (format: string): string =>
    readFileSync(join(samples, format, 'sample.log'), 'utf8').split('\n', 1)[0] ?? '';

  it('can be so in ten formats of JSON', () => {
    expect(JSON_FORMATS).toHaveLength(10);
  });
  it.each(JSON_FORMATS)('by a record of %s is a claim, as text or as a number, and else is none', (format) => {
    const record = JSON.parse(lineOf(format)) as object;
    const claim = (tenant: unknown) => claimOf(JSON.stringify({ ...record, tenant }));
    expect([claim('globex'), claim(42)]).toEqual(['globex', '42']);
    expect([claim(''), claim(null), claim(true), claim({ a: 1 })]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
  it.each([...FORMAT_NAMES])('by the envelope of a record of %s is a claim', (format) => {
    const { tenant: _tenant, ...own } = lineOf(format).startsWith('{')
      ? (JSON.parse(lineOf(format)) as Record<string, unknown>)
      : { tenant: undefined };
    const line = lineOf(format).startsWith('{') ? JSON.stringify(own) : lineOf(format);
    expect(claimOf(line, { fields: { tenant: 'globex' } })).toBe('globex');
    expect(claimOf(line, { fields: { tenant: 7 }, timeMs: ARRIVAL })).toBe('7');
    expect(claimOf(line, { fields: { host: 'a' } })).toBeUndefined();
  });
  it('differently by a record and by its envelope hides neither', () => {
    const claims = (own: string, around: string) => claimOf(`{"tenant":"${own}"}`, { fields: { tenant: around } });
    expect([claims('acme', 'acme'), claims('acme', 'globex')]).toEqual(['acme', 'acme, globex']);
  });
});

describe('other JSON', () => {
  it('has the time of its arrival when its own is beyond every date', () => {
    for (const time of ['1e25', '1e300', '-1e25', '"9999999999999999999.9"'])
      expect(Math.abs(eventOf(`{"time":${time}}`).timeMs - ARRIVAL)).toBeLessThanOrEqual(300_000);
    expect(eventOf('{"time":1e25}').timeSource).toBe('arrival');
  });

  it('keeps its members, finds a time where there is one, and says when there is none', () => {
    expect(sample('json', 0)).toMatchObject({ claimedTenant: 'acme', timeSource: 'record', logsource: undefined });
    expect(new Date(sample('json', 1).timeMs).toISOString()).toMatch(/^2026-03-01T09:30:00.123/);
    expect(sample('json', 2)).toMatchObject({ timeSource: 'arrival', timeMs: ARRIVAL });
    expect(sample('cloudtrail', 0).logsource).toEqual({ product: 'aws', service: 'cloudtrail' });
    expect(sample('kubernetes-audit', 0).logsource).toEqual({
      category: 'application',
      product: 'kubernetes',
      service: 'audit',
    });
  });
});

describe('limits', () => {
  const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  it('refuses a record over 1 MiB and reads one of exactly 1 MiB', () => {
    const frame = '{"a":""}'.length;
    expect(parse(`{"a":"${'x'.repeat(1024 * 1024 - frame)}"}`).ok).toBe(true);
    expect(parse(`{"a":"${'x'.repeat(1024 * 1024 - frame + 1)}"}`)).toEqual({ ok: false, reason: 'too_large' });
  });
  it('refuses JSON deeper than 64 and reads 64', () => {
    expect(parse(nested(64)).ok).toBe(true);
    expect(parse(nested(65))).toEqual({ ok: false, reason: 'too_deep' });
    expect(parse(nested(200_000))).toEqual({ ok: false, reason: 'too_deep' });
  });
  it('refuses more than 2,000 fields and reads 2,000', () => {
    const wide = (n: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, 1])));
    expect(parse(wide(2000)).ok).toBe(true);
    expect(parse(wide(2001))).toEqual({ ok: false, reason: 'too_many_fields' });
  });
  it('replaces a byte that is no UTF-8, marks the event and still reads it', () => {
    const line = Buffer.from(
      '203.0.113.7 - - [01/Mar/2026:09:30:00 +0000] "GET /\xff HTTP/1.1" 200 1 "-" "-"',
      'latin1',
    );
    const parsed = parseRecord(line, { arrivalMs: ARRIVAL });
    expect(parsed).toMatchObject({ ok: true, event: { marks: ['invalid_utf8'], fields: { 'c-uri': '/\uFFFD' } } });
    expect(eventOf('{"a":"\uFFFD"}').marks).toBeUndefined();
  });
  it('clamps a time more than five minutes ahead and marks the event', () => {
    const soon = new Date(ARRIVAL + 300_000).toISOString();
    expect(eventOf(`{"time":"${soon}"}`)).toMatchObject({ timeMs: ARRIVAL + 300_000, timeSource: 'record' });
    expect(eventOf(`{"time":"${soon}"}`).marks).toBeUndefined();
    const ahead = eventOf('{"time":"2031-01-01T00:00:00Z"}');
    expect(ahead).toMatchObject({ timeMs: ARRIVAL + 300_000, marks: ['time_in_future'] });
    expect(ahead.fields['silowatch.marks']).toEqual(['time_in_future']);
  });
  it('keeps and marks a time years ago, and does not use one from an unset clock', () => {
    const old = eventOf('{"time":"2019-01-01T00:00:00Z"}');
    expect(old).toMatchObject({ timeMs: Date.parse('2019-01-01T00:00:00Z'), marks: ['time_in_past'] });
    expect(eventOf('{"time":"1970-01-01T00:00:07Z"}')).toMatchObject({ timeMs: ARRIVAL, timeSource: 'arrival' });
  });
  it.each([
    ['', 'empty'],
    [' \r\n', 'empty'],
    ['{"a":', 'malformed'],
    ['[1,2]', 'unrecognised'],
    ['hello', 'unrecognised'],
    ['\0\x01\x02\x03', 'unrecognised'],
  ])('says why %j cannot be used', (text, reason) => {
    expect(parse(text)).toEqual({ ok: false, reason });
  });
  it('says when a format is named that does not exist, and when the named one does not fit', () => {
    expect(parseRecord(Buffer.from('{}'), { arrivalMs: ARRIVAL, format: 'toString' })).toEqual({
      ok: false,
      reason: 'unknown_format',
    });
    expect(parseRecord(Buffer.from('hello'), { arrivalMs: ARRIVAL, format: 'combined' })).toEqual({
      ok: false,
      reason: 'malformed',
    });
    expect(parseRecord(Buffer.from('{}'), { arrivalMs: ARRIVAL, format: 'caddy' })).toEqual({
      ok: false,
      reason: 'malformed',
    });
  });
});

describe('whatever the bytes', () => {
  const formats = fc.option(fc.constantFrom(...FORMAT_NAMES), { nil: undefined });
  const options = (format: string | undefined) => ({ arrivalMs: ARRIVAL, ...(format === undefined ? {} : { format }) });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), formats, (bytes, format) => {
        expect(typeof parseRecord(bytes, options(format)).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
  it('never throws on any JSON object', () => {
    fc.assert(
      fc.property(fc.object({ withBigInt: false, withNullPrototype: true }), formats, (value, format) => {
        expect(typeof parseRecord(Buffer.from(JSON.stringify(value)), options(format)).ok).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });
  it('never throws on a changed sample, whatever format it is said to be of, and an event always has a finite time', () => {
    const lines = FORMAT_NAMES.flatMap((format) =>
      readFileSync(join(samples, format, 'sample.log'), 'utf8')
        .trimEnd()
        .split('\n'),
    );
    const settings = fc.record({
      zone: fc.constantFrom('UTC', 'Asia/Kolkata', 'nowhere'),
      trustedProxies: fc.constant(['10.0.0.0/8', 'x']),
    });
    fc.assert(
      fc.property(mutated(lines.map((line) => Buffer.from(line))), formats, settings, (bytes, format, said) => {
        const parsed = parseRecord(bytes, { ...options(format), settings: said });
        if (parsed.ok) expect(Number.isFinite(parsed.event.timeMs)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a long line', () => {
  const asked = (path: string, referer: string, agent: string): string =>
    `192.0.2.1 - - [10/Mar/2026:00:00:00 +0000] "GET /${path} HTTP/1.1" 200 1 "${referer}" "${agent}"`;
  const json = (path: string, referer: string, agent: string): string =>
    JSON.stringify({
      time: '2026-03-10T00:00:00Z',
      remote_addr: '192.0.2.1',
      request_method: 'GET',
      request_uri: `/${path}`,
      status: 200,
      http_referer: referer,
      http_user_agent: agent,
    });
  const parts = [
    'a',
    '/',
    '.',
    ':',
    '%',
    '%25',
    '+',
    '=',
    '&',
    '?',
    '#',
    '-',
    ' ',
    '\\',
    'a:',
    'a/',
    './',
    '&a=',
    '&&',
    '{',
    '[[',
    '0x2e',
    '%u0',
    '\u0129',
  ];
  it.each(parts)('of %j with an odd end is read in bounded time', (part) => {
    const long = `${part.repeat(Math.floor(150_000 / part.length))}'`;
    for (const written of [asked, json]) {
      for (const line of [
        written(long, '-', '-'),
        written(`a?b=${long}`, '-', '-'),
        written('', `http://a/${long}`, '-'),
        written('', long, '-'),
        written('', '-', long),
      ]) {
        const startedMs = performance.now();
        parse(line);
        // Milliseconds on a free machine; what grows with the square takes a quarter of a minute.
        expect(performance.now() - startedMs).toBeLessThan(5_000);
      }
    }
  });
});

describe('the time of a line', () => {
  const line = (sign: string): string =>
    `192.0.2.1 - - [09/Mar/2026:00:00:05 ${sign}0500] "GET / HTTP/1.1" 200 1 "-" "-"`;
  it('has a sign before its offset, and nothing that another silo wrote decides it', () => {
    // U+012D and the minus sign share their low byte.
    parse(line('\u012d'));
    expect(new Date(eventOf(line('-')).timeMs).toISOString()).toBe('2026-03-09T05:00:05.000Z');
    const odd = parse(line('\u012b'));
    expect(odd.ok && odd.event.timeSource).not.toBe('record');
  });
});

describe('what a silo says of its logs', () => {
  const silo = {
    tenant: 'shop',
    incarnation: 1,
    timeZone: 'Asia/Kolkata',
    trustedProxies: ['10.0.0.0/8'],
    accessFormat: null,
    auditFormat: 'json',
  };
  const settingsOf = (stream: string) => sourcesOf([silo]).get(`silo.shop.${stream}`)?.settings;

  it('is the proxies whose word on the client is believed, and nobody else’s', () => {
    const behind = '10.1.2.3 - - [01/Mar/2026:09:30:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "6.6.6.6, 203.0.113.50"';
    const settings = settingsOf('access');
    const clientOf = (line: string): unknown => eventOf(line, settings).fields['c-ip'];
    expect(clientOf(behind)).toBe('203.0.113.50');
    // Straight from a stranger, the header is the stranger's own word.
    expect(clientOf(behind.replace('10.1.2.3', '198.51.100.9'))).toBe('198.51.100.9');
    expect(eventOf(behind).fields['c-ip']).toBe('10.1.2.3');
  });

  it('is the format of a stream, unless the record names one itself', () => {
    const settings = settingsOf('audit');
    const line = '{"eventSource":"x","eventName":"y","eventVersion":"1"}';
    const formatOf = (format?: string): unknown =>
      parseRecord(Buffer.from(line), { arrivalMs: ARRIVAL, ...(settings && { settings }), ...(format && { format }) });
    expect(formatOf()).toMatchObject({ ok: true, event: { format: 'json' } });
    expect(formatOf('cloudtrail')).toMatchObject({ ok: true, event: { format: 'cloudtrail' } });
    expect(settingsOf('access')?.format).toBeUndefined();
  });
});

describe('fields that community rules read', () => {
  it('of Kubernetes: the group, the node’s paths and the capabilities of a pod', () => {
    const record = {
      apiVersion: 'audit.k8s.io/v1',
      verb: 'create',
      objectRef: { resource: 'pods', apiGroup: 'apps' },
      requestObject: {
        spec: {
          volumes: [{ name: 'a' }, { hostPath: { path: '/var/run/docker.sock' } }],
          containers: [{ securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }, {}],
        },
      },
    };
    expect(eventOf(JSON.stringify(record)).fields).toMatchObject({
      apiGroup: 'apps',
      hostPath: ['/var/run/docker.sock'],
      capabilities: ['SYS_ADMIN'],
    });
    const template = { ...record, requestObject: { spec: { template: { spec: record.requestObject.spec } } } };
    expect(eventOf(JSON.stringify(template)).fields['capabilities']).toEqual(['SYS_ADMIN']);
  });

  it('of CloudTrail: the caller’s address', () => {
    const record =
      '{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"GetObject","sourceIPAddress":"203.0.113.7"}';
    expect(eventOf(record).fields['src_ip']).toBe('203.0.113.7');
  });

  it('of sudo: USER as sudo writes it; of PAM: message, user and host, not those inside a forged name', () => {
    const sudo = 'Mar  1 09:30:00 web-1 sudo:      eve : TTY=pts/0 ; PWD=/ ; USER=#-1 ; COMMAND=/bin/id';
    expect(eventOf(sudo).fields).toMatchObject({ USER: '#-1', target_user: '#-1', user: 'eve' });
    const pam =
      'Mar  1 09:30:00 web-1 sshd[7]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=x rhost=10.0.0.1';
    expect(eventOf(pam).fields).toMatchObject({
      pam_message: 'authentication failure',
      pam_rhost: '203.0.113.7',
      pam_user: 'x rhost=10.0.0.1',
    });
  });

  it('of RFC 5424: each parameter of the structured data, also with the message’s length in front', () => {
    const line = '<165>1 2026-03-01T09:30:00Z h app - ID47 [exa@32473 iut="3" say="a \\"b\\] c"][other x="1"] hi';
    const expected = { 'sd.exa@32473.iut': '3', 'sd.exa@32473.say': 'a "b] c', 'sd.other.x': '1', message: 'hi' };
    expect(eventOf(line).fields).toMatchObject(expected);
    expect(eventOf(`${line.length} ${line}`).fields).toMatchObject(expected);
  });
});
