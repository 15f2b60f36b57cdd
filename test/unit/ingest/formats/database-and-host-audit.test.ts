import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAuditd } from '../../../../src/ingest/formats/auditd.js';
import { joinAuditd } from '../../../../src/ingest/formats/join-auditd.js';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';

const arrivalMs = Date.parse('2026-03-10T00:00:00Z');
const samples = path.join(import.meta.dirname, '../../../fixtures/formats');

const linesOf = (format: string): string[] =>
  readFileSync(path.join(samples, format, 'sample.log'), 'utf8')
    .trimEnd()
    .split('\n');

function eventOf(text: string) {
  const parsed = parseRecord(Buffer.from(text), { arrivalMs });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.event;
}

const sample = (format: string, line: number) => eventOf(linesOf(format)[line] ?? '');

describe('auditd', () => {
  it('keeps its own names, and a system call’s arguments as numbers', () => {
    const event = sample('auditd', 0);
    expect(event.logsource).toEqual({ product: 'linux', service: 'auditd' });
    expect(new Date(event.timeMs).toISOString()).toBe('2026-03-01T09:30:00.123Z');
    expect(event.fields).toMatchObject({
      type: 'SYSCALL',
      exe: '/usr/bin/cat',
      key: 'sshd_config',
      a0: '7fffd19c5592',
    });
    expect(event.fields).toMatchObject({ outcome: 'failure', serial: '24287' });
  });
  it('decodes what the kernel wrote in hexadecimal', () => {
    expect(sample('auditd', 1).fields).toMatchObject({ type: 'EXECVE', a0: 'curl', a2: '/tmp/a b.sh' });
    expect(sample('auditd', 2).fields).toMatchObject({ proctitle: 'cat /etc/shadow' });
  });
  it('reads what a user-space program reported', () => {
    expect(sample('auditd', 3).fields).toMatchObject({
      node: 'db-1',
      type: 'USER_LOGIN',
      op: 'login',
      user: 'root',
      src_ip: '203.0.113.9',
      outcome: 'failure',
    });
    expect(sample('auditd', 3).fields).not.toHaveProperty('hostname');
  });
  it('reads paths and the enriched names', () => {
    expect(sample('auditd', 4).fields).toMatchObject({ name: '/etc/cron.d/evil', nametype: 'CREATE' });
    expect(sample('auditd', 5).fields).toMatchObject({ SYSCALL: 'execve', AUID: 'ada', syscall: '59' });
    expect(sample('auditd', 5).fields).not.toHaveProperty('key');
  });
  it('joins the lines of one event and refuses those of two', () => {
    const [first = '', execve = '', title = ''] = linesOf('auditd');
    expect(eventOf(`${execve}\n${title}`).fields).toMatchObject({ type: ['EXECVE', 'PROCTITLE'], a0: 'curl' });
    expect(parseRecord(Buffer.from(`${first}\n${execve}`), { arrivalMs })).toEqual({ ok: false, reason: 'malformed' });
  });
  it('refuses more pairs than a record may have fields', () => {
    const line = `type=EXECVE msg=audit(1772357400.200:1): ${'a=b '.repeat(2100)}`;
    expect(parseAuditd(line)).toBeUndefined();
  });
  it('names the system call where auditd gave its number alone', () => {
    const call = (rest: string): unknown =>
      eventOf(`type=SYSCALL msg=audit(1772357400.200:1): ${rest}`).fields['SYSCALL'];
    expect(call('arch=c000003e syscall=319 success=yes')).toBe('memfd_create');
    expect(call('arch=c00000b7 syscall=279 success=yes')).toBe('memfd_create');
    expect(call('arch=c000003e syscall=59 success=yes\x1dARCH=x86_64 SYSCALL=execve')).toBe('execve');
    expect([call('arch=constructor syscall=59'), call('arch=c000003e syscall=toString')]).toEqual([
      undefined,
      undefined,
    ]);
  });
  it('tells of a program that was started as rules on processes read it', () => {
    const head = (type: string): string => `type=${type} msg=audit(1772357400.200:1): `;
    const event = eventOf(
      [
        `${head('SYSCALL')}arch=c000003e syscall=59 success=yes a0=55d a1=55e ppid=7 uid=33 comm="sh" exe="/usr/bin/dash" key="x"`,
        `${head('EXECVE')}argc=3 a0="sh" a1="-c" a2=6375726C20687474703A2F2F782F`,
        `${head('CWD')}cwd="/var/www"`,
      ].join('\n'),
    );
    expect(event.logsource).toEqual({ category: 'process_creation', product: 'linux', service: 'auditd' });
    expect(event.fields).toMatchObject({
      Image: '/usr/bin/dash',
      CommandLine: 'sh -c curl http://x/',
      CurrentDirectory: '/var/www',
      User: '33',
      SYSCALL: 'execve',
    });
  });
  it('lets no field name reach a prototype', () => {
    const { fields } = eventOf('type=X msg=audit(1772357400.200:1): constructor=1 __proto__=2 toString=3');
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(fields).toMatchObject({ constructor: '1', toString: '3' });
  });
});

describe('auditd through syslog', () => {
  const call = 'arch=c000003e syscall=59 success=yes pid=77 uid=33 exe="/usr/bin/curl" key="x" tenant=globex';
  const record = `msg=audit(1772357400.200:9): ${call}`;
  const fields = {
    type: 'SYSCALL',
    SYSCALL: 'execve',
    exe: '/usr/bin/curl',
    pid: '77',
    serial: '9',
    outcome: 'success',
  };
  it.each([
    ['its dispatcher', `<13>Mar  1 09:30:02 db-1 audispd: node=db-1 type=SYSCALL ${record}`],
    ['its dispatcher since version 3', `Mar  1 09:30:02 db-1 audisp-syslog[7]: type=SYSCALL ${record}`],
    ['RFC 5424', `<13>1 2026-03-01T09:30:02Z db-1 audispd - - - type=SYSCALL ${record}`],
    ['the kernel', `Mar  1 09:30:02 db-1 kernel: [  12.345678] audit: type=1300 audit(1772357400.200:9): ${call}`],
    ['a program called audit', `Mar  1 09:30:02 db-1 audit: type=1300 audit(1772357400.200:9): ${call}`],
    [
      'the journal',
      JSON.stringify({ SYSLOG_IDENTIFIER: 'audispd', _HOSTNAME: 'db-1', MESSAGE: `type=SYSCALL ${record}` }),
    ],
  ])('is read as itself from %s', (_from, line) => {
    const event = eventOf(line);
    expect(event).toMatchObject({ logsource: { product: 'linux', service: 'auditd' }, claimedTenant: 'globex' });
    expect(event.fields).toMatchObject({ ...fields, host: 'db-1' });
    expect(new Date(event.timeMs).toISOString()).toBe('2026-03-01T09:30:00.200Z');
  });
  it('tells of programs that were started, of types without a name, and else what syslog says', () => {
    const start = 'Mar  1 09:30:02 db-1 audispd: type=EXECVE msg=audit(1772357400.200:9): argc=2 a0="id" a1="-u"';
    expect(eventOf(start)).toMatchObject({
      logsource: { category: 'process_creation' },
      fields: { CommandLine: 'id -u' },
    });
    expect(eventOf('Mar  1 09:30:02 h kernel: audit: type=1999 audit(1772357400.200:9): a=1').fields['type']).toBe(
      'UNKNOWN[1999]',
    );
    const lost = eventOf('Mar  1 09:30:02 h kernel: audit: backlog limit exceeded');
    expect(lost).toMatchObject({
      logsource: { service: 'syslog' },
      fields: { message: 'audit: backlog limit exceeded' },
    });
  });
});

describe('lines of auditd', () => {
  const serials = fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('other', 'long')), {
    maxLength: 30,
  });
  const lineOf = (serial: number | string, n: number): { number: number; bytes: Buffer | undefined } => {
    if (serial === 'long') return { number: n, bytes: undefined };
    const text =
      serial === 'other' ? `tail of another log ${n}` : `type=SYSCALL msg=audit(1772357400.200:${serial}): n=${n}`;
    return { number: n, bytes: Buffer.from(text) };
  };

  it('are put together by their event, and nothing is lost or moved before what came first', () => {
    fc.assert(
      fc.property(serials, (list) => {
        const lines = list.map(lineOf);
        const joined = joinAuditd(lines);
        const texts = (of: typeof lines): string[] =>
          of.flatMap(({ bytes }) => bytes?.toString().split('\n') ?? ['(long)']);
        expect(texts(joined).sort()).toEqual(texts(lines).sort());
        const events = new Set(list.filter((serial) => typeof serial === 'number'));
        expect(joined.length).toBe(events.size + list.filter((serial) => typeof serial === 'string').length);
        expect(joined.map(({ number }) => number)).toEqual(joined.map(({ number }) => number).sort((a, b) => a - b));
      }),
    );
  });

  it('of one event are cut where they no longer fit into a record', () => {
    const big = `type=PROCTITLE msg=audit(1772357400.200:1): proctitle=${'A'.repeat(200_000)}`;
    const joined = joinAuditd(Array.from({ length: 5 }, () => ({ bytes: Buffer.from(big) })));
    expect(joined.map(({ bytes }) => bytes.length < 1024 * 1024)).toEqual([true, true, true]);
  });
});

describe('PostgreSQL', () => {
  it('reads jsonlog with a pgAudit line', () => {
    const event = sample('postgresql-json', 0);
    expect(event.logsource).toEqual({ category: 'database', product: 'postgresql', service: 'audit' });
    expect(new Date(event.timeMs).toISOString()).toBe('2026-03-01T09:30:00.123Z');
    expect(event.fields).toMatchObject({
      user: 'app',
      src_ip: '203.0.113.9',
      pgaudit: {
        type: 'SESSION',
        class: 'READ',
        object_name: 'public.users',
        statement: 'select email, "role" from users',
      },
    });
    expect(event.fields['pgaudit']).not.toHaveProperty('parameter');
  });
  it('reads a refused password', () => {
    const fields = { action: 'database.login', outcome: 'failure', user: 'postgres', state_code: '28P01' };
    expect(sample('postgresql-json', 1).fields).toMatchObject(fields);
  });
  it('reads csvlog of old and new versions under the same names', () => {
    expect(sample('postgresql-csv', 0).fields).toMatchObject({
      pid: 4711,
      remote_host: '203.0.113.9',
      remote_port: 50122,
      backend_type: 'client backend',
      pgaudit: { class: 'ROLE', command: 'DROP ROLE', statement: 'drop role "x"' },
    });
    const old = sample('postgresql-csv', 1);
    expect(new Date(old.timeMs).toISOString()).toBe('2026-03-01T09:30:01.000Z');
    expect(old.fields).toMatchObject({ action: 'database.login', outcome: 'success', user: 'ada' });
    expect(old.fields).not.toHaveProperty('src_ip');
  });
  it('refuses a row whose quote stays open', () => {
    const [row = ''] = linesOf('postgresql-csv');
    expect(parseRecord(Buffer.from(row.slice(0, 200)), { arrivalMs })).toEqual({ ok: false, reason: 'malformed' });
  });
});

describe.each(['auditd', 'postgresql-json', 'postgresql-csv'])('a time of %s that cannot be right', (format) => {
  it('is clamped ahead and marked behind', () => {
    const [line = ''] = linesOf(format);
    const bytes = Buffer.from(line);
    const early = parseRecord(bytes, { arrivalMs: Date.parse('2026-01-01T00:00:00Z') });
    expect(early).toMatchObject({ ok: true, event: { marks: ['time_in_future'] } });
    const late = parseRecord(bytes, { arrivalMs: Date.parse('2030-01-01T00:00:00Z') });
    expect(late).toMatchObject({ ok: true, event: { marks: ['time_in_past'] } });
  });
});

describe('noise', () => {
  it.each([
    ['type=EXECVE msg=audit(1772357400.200:1): ', 'auditd'],
    ['2026-03-01 09:30:00.123 UTC,', 'postgresql-csv'],
  ])('after %j never throws', (head, format) => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (tail) => {
        expect(typeof parseRecord(Buffer.from(head + tail), { arrivalMs, format }).ok).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });
  it.each(['a=', 'a="', `msg='`, '""', ',', '=', 'A'.repeat(64), '"",'])(
    'of one mebibyte of %j is read in bounded time',
    (part) => {
      for (const head of ['type=EXECVE msg=audit(1772357400.200:1): ', '2026-03-01 09:30:00.123 UTC,']) {
        const bytes = Buffer.from(head + part.repeat(Math.floor(1_000_000 / part.length)));
        const startedMs = performance.now();
        parseRecord(bytes, { arrivalMs });
        // A tenth of a second on a free machine; a blow-up would take hours.
        expect(performance.now() - startedMs).toBeLessThan(20_000);
      }
    },
  );
});
