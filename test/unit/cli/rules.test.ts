import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { folderWith, ndjson, runCli } from './run-cli.js';

const RULE = `title: Sign-in page asked for
id: 8a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01
status: test
tags: [attack.t1595]
falsepositives: [People]
logsource: { category: webserver }
detection:
  selection: { cs-uri-stem: /login }
  condition: selection
level: low
silowatch: { promise: [AUTH-2] }
`;
const FINDS = 'finds:\n  - title: the page\n    records: [{ access: { uri: /login } }]\n';
const IGNORES = 'ignores:\n  - title: another\n    records: [{ access: { uri: /logout } }]\n';

/** Runs `rules test` as a process of its own, whose threads load the sources as it does. */
async function runSource(jobs: string, folder: string): Promise<string> {
  const hooks = pathToFileURL(path.resolve('test/integration/pipeline/swc-hooks.mjs')).href;
  const args = ['--import', hooks, 'src/cli/main.ts', 'rules', 'test', '--jobs', jobs, folder];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, (_error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`nothing was told: ${stderr}`));
      else resolve(stdout);
    });
  });
}

describe('rules test', () => {
  it('runs what lies beside a rule', async () => {
    const { status, stdout } = await runCli(
      'rules',
      'test',
      folderWith({ 'a.yml': RULE, 'a.tests.yml': FINDS + IGNORES }),
    );
    expect(stdout).toContain('2 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('says what held when a rule misses, and what hit when it should not', async () => {
    const wrong = FINDS.replace('/login }', '/signin }') + IGNORES.replace('/logout', '/login');
    const { status, stdout } = await runCli('rules', 'test', folderWith({ 'a.yml': RULE, 'a.tests.yml': wrong }));
    expect(status).toBe(1);
    expect(stdout).toContain('finds the page');
    expect(stdout).toContain("'Sign-in page asked for' on 203.0.113.9");
    expect(stdout).toContain("selection does not hold (cs-uri-stem is '/login': found '/signin')");
    expect(stdout).toContain("'Sign-in page asked for' fired");
    expect(stdout).toContain('cs-uri-stem=/login');
  });

  it('says which of the rules of a correlation matched how often, and what the others asked for', async () => {
    const rules = `${RULE}name: page\n---\ntitle: Three times\nid: 8a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a02\ncorrelation: { type: event_count, rules: [page], timespan: 1m, condition: { gte: 3 } }\n`;
    const tests = 'finds:\n  - title: it thrice\n    records: [{ access: { uri: /login }, repeat: 2 }]\n';
    const { stdout } = await runCli('rules', 'test', folderWith({ 'a.yml': rules, 'a.tests.yml': tests }));
    expect(stdout).toContain("'Sign-in page asked for' matched 2 of 2 records");
  });

  it('says that a record is of another log source', async () => {
    const tests = 'finds:\n  - title: it\n    records: [{ event: { fields: { cs-uri-stem: /login } } }]\n';
    const { stdout } = await runCli('rules', 'test', folderWith({ 'a.yml': RULE, 'a.tests.yml': tests }));
    expect(stdout).toContain('the log source of the record is not the one of the rule');
  });

  it('tells the same on several threads as on one', async () => {
    const id = (at: number): string => `8a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a${String(at).padStart(2, '0')}`;
    const files: Record<string, string> = {};
    for (let at = 10; at < 14; at++) {
      files[`r${at}.yml`] = RULE.replace(/^id: .*$/m, `id: ${id(at)}`);
      files[`r${at}.tests.yml`] = at === 12 ? FINDS.replace('/login }', '/signin }') : FINDS + IGNORES;
    }
    const [alone, together] = [await runSource('1', folderWith(files)), await runSource('2', folderWith(files))];
    expect(alone).toContain('6 passed, 1 failed in 4 files');
    expect(together.replaceAll(/silowatch-cli-\w+/g, '')).toBe(alone.replaceAll(/silowatch-cli-\w+/g, ''));
  });

  it.each([
    ['finds: 7\n', 'finds: '],
    ['finds:\n  - title: x\n    records: [{ access: { url: /x } }]\n', 'records'],
    ['finds:\n  - title: x\n    records: [{ raw: a, syslog: { program: a, message: b } }]\n', 'exactly one of'],
    ['finds:\n  - title: x\n    records: [{ raw: nonsense }]\n', 'cannot be read'],
    ['finds: [', 'the file can be read'],
  ])('says what is wrong with %j', async (tests, message) => {
    const { status, stdout } = await runCli('rules', 'test', folderWith({ 'a.yml': RULE, 'a.tests.yml': tests }));
    expect(status).toBe(1);
    expect(stdout).toContain(message);
  });
});

describe('rules lint', () => {
  it('finds nothing wrong with a rule that has all a rule needs', async () => {
    const folder = folderWith({ 'a.yml': RULE, 'a.tests.yml': FINDS + IGNORES });
    expect(await runCli('rules', 'lint', '--strict', folder)).toMatchObject({ status: 0, stdout: '' });
  });

  it('warns of missing tests, tags, false positives and UUIDs', async () => {
    const bare = RULE.replace(/^id.*\n/m, '')
      .replace(/^falsepositives.*\n/m, '')
      .replace('attack.t1595', 'attack.t15');
    const { status, stdout } = await runCli('rules', 'lint', '--strict', folderWith({ 'a.yml': bare }));
    for (const code of ['ID_MISSING', 'TAG_UNKNOWN', 'FALSEPOSITIVES_MISSING', 'TESTS_MISSING']) {
      expect(stdout).toContain(code);
    }
    expect(status).toBe(2);
  });
});

describe('rules lint, of what the rules ask for', () => {
  const OTHER = RULE.replace('8a01', '8a02').replace('title: Sign-in page asked for', 'title: Twin');

  it('tells tags that ATT&CK does not have, or has no more', async () => {
    const tags = RULE.replace(
      '[attack.t1595]',
      '[attack.t1562.001, attack.t9999, attack.defense-evasion, attack.t1595, attack.g0001]',
    );
    const { stdout } = await runCli('rules', 'lint', '--ignore', 'TESTS_MISSING', folderWith({ 'a.yml': tags }));
    expect(stdout).toContain('attack.t1562.001 was retired: ATT&CK 19 has T1685 in its place');
    expect(stdout).toContain('attack.t9999 is no technique');
    expect(stdout).toContain('stealth or defense-impairment');
    expect(stdout.split('\n')).toHaveLength(4);
  });

  it('tells promises that are named like none, and tests that cannot be read', async () => {
    const place = folderWith({ 'a.yml': RULE.replace('AUTH-2', 'auth two'), 'a.tests.yml': 'finds: 7\n' });
    const { status, stdout } = await runCli('rules', 'lint', place);
    expect(stdout).toContain('[PROMISE_UNKNOWN]');
    expect(stdout).toContain('[TESTS_INVALID]');
    expect(status).toBe(2);
  });

  it('tells rules that another makes needless, with their place in a file of several, as NDJSON as well', async () => {
    const place = folderWith({ 'a.yml': `${RULE}---\n${OTHER}` });
    const { status, stdout, stderr } = await runCli('rules', 'lint', '--json', '--ignore', 'TESTS_MISSING', place);
    expect(ndjson(stdout)).toMatchObject([{ code: 'RULE_SUBSUMED', severity: 'warning', at: { line: 1 } }]);
    expect(stderr).toContain('1 RULE_SUBSUMED\n2 rules and correlations in 1 files: 0 faults, 1 warnings\n');
    expect(stderr).toContain('rules are tried: 2 on');
    expect(status).toBe(0);
  });

  it('lists rules by how often they have to be tried', async () => {
    const dear = RULE.replace('8a01', '8a03').replace('condition: selection', 'condition: not selection');
    const place = folderWith({ 'a.yml': RULE, 'b.yml': dear });
    const { stdout } = await runCli('rules', 'lint', '--costs', place);
    expect(stdout.split('\n').map((line) => line.slice(0, 11))).toEqual(['every event', 'a rare lite', '']);
    expect(ndjson((await runCli('rules', 'lint', '--costs', '--json', place)).stdout)).toHaveLength(2);
  });

  it('has nothing to look at in a folder without rules', async () => {
    expect(await runCli('rules', 'lint', folderWith({ 'a.txt': '' }))).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('rules coverage', () => {
  it('lists techniques and promises as a table, as JSON and as a layer of the Navigator', async () => {
    const folder = folderWith({ 'a.yml': RULE });
    expect((await runCli('rules', 'coverage', folder)).stdout).toContain('AUTH-2');
    const json = JSON.parse((await runCli('rules', 'coverage', '--format', 'json', folder)).stdout) as unknown;
    expect(json).toMatchObject({ techniques: [{ id: 'T1595' }], promises: [{ id: 'AUTH-2' }], rules: 1 });
    const layer = JSON.parse((await runCli('rules', 'coverage', '--format', 'navigator', folder)).stdout) as unknown;
    expect(layer).toMatchObject({ domain: 'enterprise-attack', techniques: [{ techniqueID: 'T1595', score: 1 }] });
    expect((await runCli('rules', 'coverage', '--format', 'pdf', folder)).status).toBe(2);
  });
});
