import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { accessLine, folderWith, ndjson, runCli } from './run-cli.js';

const START = Date.parse('2026-03-01T09:30:00Z');
const BURST = `title: Requests come in a burst
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01
name: burst
correlation:
  type: event_count
  rules: [request]
  group-by: [c-ip]
  timespan: 1m
  condition: { gte: 3 }
level: high
---
title: Request
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a02
name: request
logsource: { category: webserver }
detection:
  selection: { cs-method: GET }
  condition: selection
`;
const IN_ORDER = `title: First in one log, then in the other
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a03
correlation:
  type: temporal_ordered
  rules: [first, second]
  group-by: [c-ip]
  timespan: 1h
level: critical
---
title: First
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a04
name: first
logsource: { category: webserver }
detection: { selection: { cs-uri-stem: /first }, condition: selection }
---
title: Second
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a05
name: second
logsource: { category: webserver }
detection: { selection: { cs-uri-stem: /second }, condition: selection }
`;

const OF_TWO_LINES = `title: Curl fetches by address
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a06
logsource: { product: linux, service: auditd }
detection:
  call: { type: SYSCALL, key: net }
  program: { type: EXECVE, a0: curl, a1|startswith: 'http://203.' }
  condition: call and program
level: high
`;

const MADE_SUPERUSER = `title: Somebody is made a superuser
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a07
logsource: { product: postgresql, service: audit }
detection:
  selection: { pgaudit.statement|contains|all: ['ALTER ROLE', SUPERUSER] }
  condition: selection
level: high
`;

const STOPPED = `title: Logging stopped
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a08
logsource: { product: aws, service: cloudtrail }
detection:
  selection: { eventName: StopLogging }
  condition: selection
level: high
`;

describe('scan', () => {
  it('finds what a statement does that csvlog writes over several lines, also cut by a chunk', async () => {
    const record =
      '2026-11-28 09:00:00.123 UTC,"app","db",123,"203.0.113.9:5",65f.1,1,"ALTER ROLE",2026-11-28 08:00:00 UTC,3/4,0,LOG,00000,' +
      '"AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,""ALTER ROLE app\n\n  SUPERUSER"",<none>",,,,,,,,,"psql","client backend",,0';
    // Over several of the reader's chunks of 1 MiB; the last record has no line end.
    const records = Array.from({ length: 8_000 }, () => record);
    const folder = folderWith({ 'pg.csv': records.join('\n'), 'rule.yml': MADE_SUPERUSER });
    const log = path.join(folder, 'pg.csv');
    const { stdout } = await runCli('scan', '--matches', '--only-rules', '--rules', folder, log);
    expect(ndjson(stdout).map(({ line }) => line)).toEqual(records.map((_, index) => 1 + 3 * index));
    const told = await runCli('scan', '--only-rules', '--rules', folder, log);
    expect(told.stdout).toContain('Read 8,000 records from 24,000 lines');
    expect(told.stdout).not.toContain('Could not be read');
  });

  it('reads the lines of one auditd event as one, also where they are mixed with others and cut by a chunk', async () => {
    const line = (type: string, serial: number, rest: string): string =>
      `type=${type} msg=audit(1772357400.123:${serial}): ${rest}`;
    const filler = Array.from({ length: 2_100 }, (_, n) =>
      line('SYSCALL', 1000 + n, `syscall=0 comm="${'x'.repeat(70)}"`),
    );
    // Held against the reader's chunks of 256 KiB, wherever exactly one ends.
    const lines = Array.from({ length: 300 }, (_, n) => [
      line('SYSCALL', n, 'syscall=59 key="net"'),
      line('EXECVE', n, 'argc=2 a0="curl" a1="http://203.0.113.7/x"'),
    ]).flat();
    const folder = folderWith({ 'audit.log': [...filler, ...lines].join('\n'), 'rule.yml': OF_TWO_LINES });
    const { stdout } = await runCli(
      'scan',
      '--matches',
      '--only-rules',
      '--rules',
      folder,
      path.join(folder, 'audit.log'),
    );
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((text) => (JSON.parse(text) as { line: number }).line);
    expect(found).toEqual(Array.from({ length: 300 }, (_, n) => filler.length + 1 + 2 * n));
  });

  it('takes the files of clouds apart, of one line that is longer than a record may be', async () => {
    const event = (name: string): string =>
      `{"eventVersion":"1.08","eventSource":"cloudtrail.amazonaws.com","eventName":"${name}","eventTime":"2026-11-28T09:00:00Z","x":"${'x'.repeat(900)}"}`;
    const trail = `{"Records":[${[...Array<string>(4_000).fill(event('LookupEvents')), event('StopLogging'), '{"bad":}'].join(',')}]}`;
    const folder = folderWith({
      'trail.json': trail,
      'trail.json.gz': gzipSync(`${event('LookupEvents')}\n${trail}\n${event('LookupEvents')}\n`),
      'other.json': trail.replace('Records', 'records'),
      'rule.yml': STOPPED,
    });
    const [trailFile, gzipped, other] = ['trail.json', 'trail.json.gz', 'other.json'].map((name) =>
      path.join(folder, name),
    );
    const scan = (...rest: string[]) => runCli('scan', '--only-rules', '--rules', folder, ...rest);
    const { stdout } = await scan('--matches', trailFile ?? '', gzipped ?? '');
    expect(ndjson(stdout).map(({ file, line }) => [file, line])).toEqual([
      [trailFile, 1],
      [gzipped, 2],
    ]);
    const told = await scan(trailFile ?? '', other ?? '');
    expect(told.stdout).toContain('Read 4,001 records from 2 lines');
    expect(told.stdout).toContain('1 broken');
    expect(told.stdout).toContain('1 over 1 MiB');
  });

  it('shows alerts in a table, says what could not be read, and ends with 1', async () => {
    const noise = Buffer.concat([
      Buffer.from('{"broken":\n'),
      Buffer.from([0, 1, 255, 254, 10]),
      Buffer.alloc(5_000_000, 'x'),
    ]);
    const log = Buffer.concat([noise, Buffer.from(`\n${accessLine('/wp-login.php')}\n`)]);
    const folder = folderWith({ 'access.log': log });
    const { status, stdout } = await runCli('scan', path.join(folder, 'access.log'));
    expect(status).toBe(1);
    expect(stdout).toContain('Probe for');
    expect(stdout).toContain('203.0.113.9');
    expect(stdout).toContain('access.log:4');
    expect(stdout).toContain('Read 1 record from 4 lines in 1 file');
    expect(stdout).toMatch(
      /3 of 4 lines: 1 broken \(first: line 1\); 1 in no known format \(first: line 2\); 1 over 1 MiB \(first: line 3\)/,
    );
  });

  it('ends with 0 when nothing is found and with 2 when a file cannot be read', async () => {
    const folder = folderWith({ 'quiet.log': `${accessLine('/app')}\n` });
    const quiet = await runCli('scan', path.join(folder, 'quiet.log'));
    expect(quiet).toMatchObject({ status: 0 });
    expect(quiet.stdout).toContain('Found nothing.');
    const missing = await runCli('scan', path.join(folder, 'quiet.log'), path.join(folder, 'missing.log'));
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/cannot read .*missing\.log: no such file or folder/);
    expect(missing.stdout).toContain('Read 1 record from 1 lines');
  });

  it('reads gzip whatever the name, and says when it ends early', async () => {
    const packed = gzipSync(`${accessLine('/.env')}\n`.repeat(2000), { level: 1 });
    const folder = folderWith({ 'access.log': packed, 'cut.log.gz': packed.subarray(0, packed.length - 20) });
    const whole = await runCli('scan', '--json', path.join(folder, 'access.log'));
    expect(ndjson(whole.stdout)).toMatchObject([{ level: 'low', count: 2000, who: ['203.0.113.9'] }]);
    const cut = await runCli('scan', '--json', path.join(folder, 'cut.log.gz'));
    expect(cut.status).toBe(2);
    expect(cut.stderr).toContain('the compressed file ends early');
  });

  it('writes one line for each single match with --matches, without rules that only feed correlations', async () => {
    const folder = folderWith({
      'a.log': [accessLine('/'), accessLine('/.git/config'), accessLine('/.env')].join('\n'),
    });
    const file = path.join(folder, 'a.log');
    const { status, stdout } = await runCli('scan', '--matches', file);
    expect(status).toBe(1);
    expect(ndjson(stdout)).toEqual([
      { file, line: 2, rule: expect.any(String), level: 'low', time: '2026-03-01T09:30:00.000Z' },
      { file, line: 3, rule: expect.any(String), level: 'low', time: '2026-03-01T09:30:00.000Z' },
    ]);
  });

  it('correlates in event time: a burst of long ago is one alert, a trickle is none', async () => {
    const lines = (everyMs: number): string =>
      Array.from({ length: 6 }, (_, i) => accessLine('/', START + i * everyMs)).join('\n');
    const folder = folderWith({ 'rules.yml': BURST, 'burst.log': lines(1000), 'trickle.log': lines(40_000) });
    const scan = (log: string) =>
      runCli('scan', '--json', '--only-rules', '--rules', path.join(folder, 'rules.yml'), path.join(folder, log));
    expect(ndjson((await scan('burst.log')).stdout)).toMatchObject([
      {
        title: 'Requests come in a burst',
        count: 6,
        group: { 'c-ip': '203.0.113.9' },
        first: '2026-03-01T09:30:00.000Z',
      },
    ]);
    expect((await scan('trickle.log')).status).toBe(0);
  });

  it('reads several logs in the order of their times, whatever the order of their names', async () => {
    const folder = folderWith({
      'rules.yml': IN_ORDER,
      'a.log': `${accessLine('/second', START + 60_000)}\n`,
      'b.log': `${accessLine('/first', START)}\n`,
    });
    const [rules, a, b] = ['rules.yml', 'a.log', 'b.log'].map((name) => path.join(folder, name));
    const { stdout } = await runCli('scan', '--json', a!, b!, '--only-rules', '--rules', rules!);
    expect(ndjson(stdout)).toMatchObject([{ level: 'critical', example: { file: a, line: 1 } }]);
  });

  it('shows nothing of a hostile log that could move a terminal', async () => {
    const folder = folderWith({
      'a.log': accessLine('/.env\u001b[2J\u009b31m\u202e', START, '203.0.113.9', '\u001b]0;x\u0007'),
    });
    for (const flag of [[], ['--json'], ['--matches']]) {
      const { stdout } = await runCli('scan', ...flag, path.join(folder, 'a.log'));
      // eslint-disable-next-line no-control-regex -- none of these may be there
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\0-\x1f\x7f-\x9f\u202a-\u202e]/);
    }
  });

  it('names every fault of a rule file with file, line and column, and runs the other rules', async () => {
    const folder = folderWith({
      'bad.yml':
        'title: Bad\nlogsource: { category: webserver }\ndetection:\n  selection:\n    cs-method|sounds: GET\n  condition: selection and missing\nlevel: severe\n',
      'good.yml': BURST.split('---\n')[1] ?? '',
      'a.log': accessLine('/'),
    });
    const { status, stderr, stdout } = await runCli(
      'scan',
      '--json',
      '--only-rules',
      '--rules',
      folder,
      path.join(folder, 'a.log'),
    );
    expect(stderr).toMatch(/bad\.yml:5:\d+: /);
    expect(stderr).toMatch(/bad\.yml:6:\d+: /);
    expect(stderr).toMatch(/bad\.yml:7:\d+: /);
    expect(ndjson(stdout)).toHaveLength(1);
    expect(status).toBe(1);
  });

  it.each([
    [['--only-rules'], /--only-rules needs --rules/],
    [['--format', 'xml'], /unknown format xml/],
    [['--zone', 'Mars/Base'], /unknown time zone/],
    [['--year', 'soon'], /--year takes a year/],
  ])('refuses %j in one line', async (args, message) => {
    const { status, stderr } = await runCli('scan', ...args, 'x.log');
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
