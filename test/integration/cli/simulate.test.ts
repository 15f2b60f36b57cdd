import { jest } from '@jest/globals';
import { Command } from 'commander';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliError } from '../../../src/cli/cli-error.js';
import { register } from '../../../src/cli/simulate.command.js';
import { parseRecord } from '../../../src/ingest/formats/parse-record.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { system } from '../../../src/platform/database/scope.js';
import { EmbeddedEventLog } from '../../../src/platform/event-log/embedded/embedded-event-log.js';
import { headerText, type LogRecord } from '../../../src/platform/event-log/event-log.js';
import { siloTopic, siloTopics, type Stream } from '../../../src/platform/event-log/topics.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

describe('silowatch simulate', () => {
  let db: TestDatabase;
  let log: EmbeddedEventLog;
  let folder: string;
  let before: NodeJS.ProcessEnv;
  let stderr: string[];
  let listeners: ReadonlySet<unknown>;

  beforeEach(async () => {
    db = await testDatabase();
    log = new EmbeddedEventLog({ url: db.serviceUrl }, new SystemClock(), new PinoLog('silent'));
    folder = await mkdtemp(path.join(tmpdir(), 'silowatch-simulate-'));
    before = { ...process.env };
    const { serviceUrl: DATABASE_URL, workerUrl: DATABASE_WORKER_URL } = db;
    Object.assign(process.env, { DATABASE_URL, DATABASE_WORKER_URL, SILOWATCH_DATA: folder });
    stderr = [];
    listeners = new Set(SIGNALS.flatMap((signal) => process.listeners(signal)));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => stderr.push(String(text)) > 0);
    for (const tenant of ['one', 'two', 'three']) await addSilo(tenant);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    for (const signal of SIGNALS) {
      for (const listener of process.listeners(signal)) {
        if (!listeners.has(listener)) process.removeListener(signal, listener);
      }
    }
    process.env = before;
    process.exitCode = 0;
    await log.close();
    await db.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function addSilo(tenant: string): Promise<void> {
    const terms = { name: tenant, timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72 };
    await db.database.transaction(system('operator'), (tx) =>
      new SiloRepository().upsert(tx, { tenant, ...terms, createdAt: new Date() }),
    );
    await log.ensureTopics(siloTopics(tenant, 1));
  }

  const run = async (...args: string[]): Promise<void> => {
    const program = new Command('silowatch').exitOverride();
    register(program);
    await program.parseAsync(['simulate', ...args], { from: 'user' });
  };
  const records = (tenant: string, stream: Stream): Promise<readonly LogRecord[]> =>
    log.read(siloTopic(tenant, stream), 0, 0, 5_000);

  it('puts traffic that can be read on the silos named, at the rate asked for, with the attack on one of them', async () => {
    const startedAt = performance.now();
    await run('one', 'two', '--rate', '100', '--minutes', '0.1', '--attack', 'two');
    // A machine that is slow to end it lets it run on.
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(process.exitCode).toBe(0);
    const all = { one: [] as LogRecord[], two: [] as LogRecord[], three: [] as LogRecord[] };
    for (const tenant of ['one', 'two', 'three'] as const) {
      for (const stream of ['access', 'audit'] as const) all[tenant].push(...(await records(tenant, stream)));
    }
    // 100 ordinary ones a second, and the attack's guesses; visits come by chance and bring several records each.
    expect(all.one.length + all.two.length).toBeGreaterThan(400);
    expect(all.one.length + all.two.length).toBeLessThan(2 * 100 * seconds);
    expect(all.three).toEqual([]);
    const unreadable = [...all.one, ...all.two].filter((record) => {
      const format = headerText(record, 'format') ?? '';
      return !parseRecord(record.value ?? new Uint8Array(), { arrivalMs: record.timestampMs, format }).ok;
    });
    expect(unreadable).toEqual([]);
    const guesses = (of: readonly LogRecord[]): number =>
      of.filter(({ value }) => value?.includes('python-requests') === true).length;
    expect(guesses(all.two)).toBeGreaterThan(10);
    expect(guesses(all.one)).toBe(0);
    expect(stderr.join('')).toMatch(/^100 records a second on one, two for 0\.1 min/);
    expect(stderr.join('')).toMatch(/two is attacked: the account \S+@two\.example/);
    expect(stderr.join('')).toMatch(/\d+ records in 6 s, \d+ a second\n$/);
  });

  it('names what is wrong with the request, and writes nothing', async () => {
    await expect(run('one', 'four')).rejects.toThrow(/there is no silo four/);
    await expect(run('one', '--attack', 'two')).rejects.toThrow(/must be one of the silos named, one/);
    await expect(run('one', '--rate', 'many')).rejects.toThrow(CliError);
    await expect(run('one', '--minutes', '0')).rejects.toThrow(/--minutes 0: give a number above 0/);
    expect(await records('one', 'access')).toEqual([]);
  });
});
