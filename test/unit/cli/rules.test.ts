import { folderWith, runCli } from './run-cli.js';

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
    expect(stdout).toContain('no selection held');
    expect(stdout).toContain("'Sign-in page asked for' fired");
    expect(stdout).toContain('cs-uri-stem=/login');
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
    for (const code of ['ID_NO_UUID', 'TAG_UNKNOWN', 'TAG_MISSING', 'FALSEPOSITIVES_MISSING', 'TESTS_MISSING']) {
      expect(stdout).toContain(code);
    }
    expect(status).toBe(2);
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
