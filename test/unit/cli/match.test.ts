import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { folderWith, ndjson, runCli } from './run-cli.js';

const RULES = `title: Any failure
id: 7a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01
name: any_failure
logsource: { product: silo }
detection: { selection: { outcome: failure }, condition: selection }
---
title: Two failures
id: 7a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a02
correlation: { type: event_count, rules: [any_failure], group-by: [user], timespan: 1m, condition: { gte: 2 } }
`;

const EVENTS = [
  { logsource: { product: 'silo' }, outcome: 'failure', user: 'a', time: '2026-03-01T00:00:00Z' },
  { logsource: { product: 'silo' }, outcome: 'success', user: 'a', time: '2026-03-01T00:00:01Z' },
  { outcome: 'failure', user: 'a', time: '2026-03-01T00:00:02Z' },
  { logsource: { product: 'silo' }, outcome: 'failure', user: 'a', time: '2026-03-01T00:00:03Z' },
  { logsource: { product: 'silo' }, outcome: 'failure', user: 'a', time: '2026-03-01T00:00:04Z' },
];

function folder(extra: Record<string, string> = {}): string {
  return folderWith({
    'rules.yml': RULES,
    'events.ndjson': EVENTS.map((event) => JSON.stringify(event)).join('\n'),
    ...extra,
  });
}

describe('match', () => {
  it('writes each match with its line, and a correlation at the event that fired', async () => {
    const place = folder();
    const { status, stdout } = await runCli('match', '--rules', place, path.join(place, 'events.ndjson'));
    expect(status).toBe(0);
    const rule = '7a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01';
    expect(ndjson(stdout)).toEqual([
      { line: 1, rule },
      { line: 4, rule },
      { line: 4, correlation: '7a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a02', group: { user: 'a' } },
      { line: 5, rule },
    ]);
  });

  it('ignores log sources with --all-rules, and ends stderr with the figures of --stats', async () => {
    const place = folder({ 'bad.yml': 'title: Bad\n' });
    const { stdout, stderr } = await runCli(
      'match',
      '--all-rules',
      '--stats',
      '--rules',
      place,
      path.join(place, 'events.ndjson'),
    );
    expect(ndjson(stdout).filter((line) => 'rule' in line)).toHaveLength(4);
    expect(stderr).toContain('bad.yml:');
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      events: 5,
      matches: 5,
      rulesLoaded: 2,
      rulesFailed: 1,
      loadMs: expect.any(Number),
      matchMs: expect.any(Number),
      wallMs: expect.any(Number),
    });
  });

  it('ends with 2 under --strict when a rule cannot be loaded', async () => {
    const place = folder({ 'bad.yml': 'title: Bad\n' });
    expect((await runCli('match', '--strict', '--rules', place, path.join(place, 'events.ndjson'))).status).toBe(2);
  });

  it('counts lines that are no JSON objects and goes on', async () => {
    const place = folder({ 'mixed.ndjson': `nonsense\n[1]\n${JSON.stringify(EVENTS[0])}\n` });
    const { status, stdout, stderr } = await runCli('match', '--rules', place, path.join(place, 'mixed.ndjson'));
    expect(ndjson(stdout)).toMatchObject([{ line: 3 }]);
    expect(stderr).toContain('2 lines are no JSON objects: 1, 2\n');
    expect(status).toBe(0);
    expect((await runCli('match', '--strict', '--rules', place, path.join(place, 'mixed.ndjson'))).status).toBe(2);
  });

  it('reads gzip, empty lines, CRLF and a last line without its end, and gives the same without a correlation to count for', async () => {
    const lines = EVENTS.map((event) => JSON.stringify(event));
    const text = `${lines[0]}\r\n\n${lines[1]}\n${lines.slice(2).join('\r\n')}`;
    const place = folder();
    writeFileSync(path.join(place, 'events.ndjson.gz'), gzipSync(text));
    const alone = folderWith({ 'rules.yml': RULES.split('---')[0] ?? '' });
    const counted = await runCli('match', '--strict', '--rules', place, path.join(place, 'events.ndjson.gz'));
    const bare = await runCli('match', '--strict', '--rules', alone, path.join(place, 'events.ndjson.gz'));
    expect(ndjson(bare.stdout).map((found) => found['line'])).toEqual([1, 5, 6]);
    expect(ndjson(counted.stdout).filter((found) => 'rule' in found)).toEqual(ndjson(bare.stdout));
    expect([counted.status, bare.status, bare.stderr]).toEqual([0, 0, '']);
  });

  it('ends with 2 when there is no rule or no file', async () => {
    const place = folder();
    expect((await runCli('match', '--rules', path.join(place, 'none'), path.join(place, 'events.ndjson'))).status).toBe(
      2,
    );
    expect((await runCli('match', '--rules', place, path.join(place, 'none.ndjson'))).stderr).toContain('no such file');
  });
});
