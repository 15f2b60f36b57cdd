import { jest } from '@jest/globals';
import { Command } from 'commander';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { register as registerDeadLetters } from '../../../src/cli/dead-letters.command.js';
import { register as registerSilo } from '../../../src/cli/silo.command.js';
import { system } from '../../../src/platform/database/scope.js';
import { DEAD_LETTERS_TOPIC } from '../../../src/platform/event-log/topics.js';
import { readDeadLetter } from '../../../src/ingest/dead-letter.js';
import { until } from '../event-log/contract.js';
import { intakeRig, type IntakeRig } from './intake-rig.js';

const RULE = `title: The shop's service says no
id: 6f1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8b01
status: stable
logsource: { product: silo, service: app }
detection:
  selection: { outcome: denied, envelope.service.name: shop }
  condition: selection
level: high
`;
const record = (id: string, actor: unknown): string =>
  JSON.stringify({ v: 1, id, time: new Date().toISOString(), action: 'session.login', outcome: 'denied', actor });

let folder: string;
let rig: IntakeRig;
let before: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'silowatch-intake-'));
  await writeFile(path.join(folder, 'rule.yml'), RULE);
  rig = await intakeRig({ SILOWATCH_ROLES: 'api,detect,correlate', RULES_DIRS: folder, SIGNALS_PARTITIONS: '3' });
  before = { ...process.env };
  const { serviceUrl: DATABASE_URL, workerUrl: DATABASE_WORKER_URL } = rig.service.db;
  Object.assign(process.env, {
    DATABASE_URL,
    DATABASE_WORKER_URL,
    SILOWATCH_DATA: folder,
    PUBLIC_URL: rig.service.url,
  });
});
afterAll(async () => {
  process.env = before;
  process.exitCode = 0;
  await rig.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the command writes. */
async function silowatch(...args: string[]): Promise<string> {
  const out: string[] = [];
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  try {
    const program = new Command('silowatch').exitOverride();
    registerSilo(program);
    registerDeadLetters(program);
    await program.parseAsync(args, { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return out.join('');
}

const silo = (...args: string[]): Promise<string> => silowatch('silo', ...args);

const tokenIn = (text: string): string => /token (silowatch_\S+) \(shown this once/.exec(text)?.[1] ?? '';
const event = (token: string, text: string, more: object = {}): ReturnType<IntakeRig['send']> =>
  rig.send('/intake/audit/services/collector', JSON.stringify({ event: JSON.parse(text) as unknown, ...more }), {
    authorization: `Splunk ${token}`,
  });

const deadLetters = async () => {
  const { eventLog } = rig.service.platform;
  const partitions = await eventLog.offsets(DEAD_LETTERS_TOPIC);
  const read = partitions.map(({ partition }) => eventLog.read(DEAD_LETTERS_TOPIC, partition, 0, 1_000));
  return (await Promise.all(read)).flat();
};

it('a token from the command line lets a silo’s records become alerts and its bad ones dead letters, until it is revoked', async () => {
  const added = await silo('add', 'shop', '--intake', '--shipper', 'fluent-bit');
  expect(added).toContain('uri                       /intake/audit');
  const token = tokenIn(added);
  const fields = { 'service.name': 'shop' };
  expect((await event(token, record('1', { type: 'user', id: 'u-1' }), { fields })).json).toEqual({
    text: 'Success',
    code: 0,
  });
  const alerts = () =>
    rig.service.db.database.transaction(system('correlate'), (tx) =>
      tx.query<{ tenant_id: string }[]>('select tenant_id from alerts'),
    );
  await until('the alert is there', async () => (await alerts()).length === 1);
  expect(await alerts()).toEqual([{ tenant_id: 'shop' }]);

  const mixed = `${JSON.stringify({ event: 'no record', fields })}${JSON.stringify({ event: { v: 1, action: 'x', actor: 1 }, fields })}`;
  const answer = await rig.send('/intake/audit/services/collector', mixed, { authorization: `Splunk ${token}` });
  expect(answer.json).toMatchObject({ rejected: 1, errors: [{ line: 2, reason: 'invalid' }] });
  await until('the dead letter is there', async () => (await deadLetters()).length === 1);
  const [letter] = (await deadLetters()).map(readDeadLetter);
  expect(letter).toMatchObject({ reason: 'invalid', envelope: JSON.stringify({ fields }) });

  const rotated = await silo('rotate', 'shop', '--only', 'intake', '--overlap', '2');
  expect(rotated).toContain('the former tokens end in 2 hours');
  expect(await silo('list')).toMatch(/intake of .* until .*intake of/s);
  expect((await event(tokenIn(rotated), record('2', { type: 'user' }))).status).toBe(200);
  expect(await silo('add', 'shop', '--intake')).toContain('it has an intake token already');
  expect(await silo('revoke', 'shop')).toBe('2 intake tokens of shop have ended\n');
  await until('both are refused', async () => (await event(token, record('3', { type: 'user' }))).status === 401);
  expect((await event(tokenIn(rotated), record('4', { type: 'user' }))).status).toBe(401);
});

it('a body of twenty thousand useless lines makes a hundred dead letters and one, counts each line, and is replayed line by line', async () => {
  const token = tokenIn(await silo('add', 'letters', '--intake', '--shipper', 'vector'));
  const ofLetters = async () => (await deadLetters()).filter(({ key }) => key?.toString() === 'silo.letters.access');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' };
  const good = '203.0.113.7 - - [27/Nov/2026:09:30:00 +0000] "GET / HTTP/1.1" 200 512 "-" "curl/8"';
  const answer = await rig.send('/intake/access', `${'x\n'.repeat(19_999)}${good}`, headers);
  expect(answer.json).toMatchObject({ accepted: 1, rejected: 19_999 });
  await until('the dead letters are there', async () => (await ofLetters()).length === 101);
  const counted = `silowatch_silo_dead_letters_total{silo="letters",stream="access"}`;
  const perSilo = async () => (await rig.send('/metrics/silos', undefined, {}, 'GET')).body.toString();
  await until('each line is counted', async () => (await perSilo()).includes(`${counted} 19999\n`));
  expect(await perSilo()).toContain('silowatch_silo_events_total{silo="letters",stream="access",outcome="parsed"} 1\n');

  const listed = await silowatch('dead-letters', 'list', '--tenant', 'letters', '--limit', '1000', '--json');
  const letters = listed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { records: number; raw: string });
  expect(letters.map(({ records }) => records).sort((a, b) => a - b)).toEqual([...Array<number>(100).fill(1), 19_899]);

  expect(await silowatch('dead-letters', 'replay', '--tenant', 'letters')).toBe('19999 records replayed\n');
  // Each of the hundred singly, and what still cannot be used of the others as one body.
  await until('those that still cannot be used are put aside again', async () => (await ofLetters()).length === 302);
  await until('each line is counted again', async () => (await perSilo()).includes(`${counted} 39998\n`));
});
