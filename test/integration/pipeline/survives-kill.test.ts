import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OutgoingMessage } from '../../../src/platform/event-log/event-log.js';
import { type AlertRow, PipelineFixture } from './fixture.js';
import { accessLine, auditRecord, onStream } from './records.js';

const WORKER = fileURLToPath(new URL('worker-process.ts', import.meta.url));
const HOOKS = fileURLToPath(new URL('swc-hooks.mjs', import.meta.url));
const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));

/** Numbers that look random and are the same in every run (Mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Two silos: single matches, counts across batches, a chained correlation, and records that cannot be used, all in one order. */
function stream(tenants: readonly string[], startMs: number): OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (let i = 0; i < 900; i += 1) {
    const time = new Date(startMs + i * 40);
    for (const [index, tenant] of tenants.entries()) {
      const ip = `198.51.100.${(i % 40) + index * 50}`;
      const probe = i % 6 === 0 ? `/probe/${i}` : '/';
      messages.push(...onStream(tenant, 'access', [accessLine(time, probe, ip)]));
      const outcome = i % 160 >= 120 ? 'success' : 'failure';
      const id = `${tenant}-${i}`;
      if (i % 2 === 0) messages.push(...onStream(tenant, 'audit', [auditRecord({ time, ip, outcome, id })]));
      if (i % 150 === 75) messages.push(...onStream(tenant, 'audit', [Buffer.from([0xff, 0xfe, 0, i & 0xff])]));
    }
  }
  return messages;
}

/**
 * Fed by another correlation, whose firings arrive among the other signals as the moment has it: such an episode is the same in every run;
 * how often it was met again, and which of the inner firings it is first told with, is not.
 */
const CHAINED = ['A sign-in after many failed ones', 'Sign-in after a run of wrong passwords'];

const summary = (alerts: readonly AlertRow[], tenants: readonly string[]): string[] =>
  alerts
    .map((alert) => {
      const tenant = tenants.indexOf(alert.tenant_id);
      const isChained = CHAINED.includes(alert.rule_title);
      const first = isChained ? 'n' : `${alert.count} ${alert.first_event_at.toISOString()}`;
      return `${tenant} ${alert.rule_title} [${alert.grouping.join(' ')}] ${first} ${alert.last_event_at.toISOString()}`;
    })
    .sort();

class Worker {
  private constructor(
    private readonly process: ChildProcess,
    private readonly exited: Promise<void>,
  ) {}
  static start(fixture: PipelineFixture): Worker {
    const args = ['--import', HOOKS, WORKER, JSON.stringify(fixture.options)];
    const child = spawn(NODE, args, {
      stdio: ['ignore', 'ignore', process.env['TEST_LOG_LEVEL'] === undefined ? 'ignore' : 'inherit'],
    });
    return new Worker(child, new Promise((resolve) => child.once('exit', () => resolve())));
  }
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

/** Everything was read, and what it gave was counted: the source position is at the end and no alert came for a while. */
async function untilQuiet(fixture: PipelineFixture, alerts: number): Promise<AlertRow[]> {
  const found = await fixture.untilAlerts(alerts, 90_000);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  return found.length === alerts ? fixture.alerts() : found;
}

// On Kafka, with the broker and the database dying too: survives-faults.test.ts.
describe('the pipeline on the embedded log', () => {
  let calm: PipelineFixture;
  let shaken: PipelineFixture;
  let worker: Worker | undefined;
  beforeEach(async () => {
    calm = await PipelineFixture.open('embedded');
    shaken = await PipelineFixture.open('embedded');
  });
  afterEach(async () => {
    await worker?.kill();
    await calm.close();
    await shaken.close();
  });

  it('loses and doubles nothing when its process is killed again and again', async () => {
    const startMs = Date.now() - 60_000;
    const calmTenants = [await calm.addSilo(), await calm.addSilo()];
    const shakenTenants = [await shaken.addSilo(), await shaken.addSilo()];
    await calm.log.append(stream(calmTenants, startMs));
    const pipeline = await calm.start();
    let expected: AlertRow[] = [];
    let quietFor = 0;
    while (quietFor < 3) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const alerts = await calm.alerts();
      quietFor = alerts.length > 0 && JSON.stringify(alerts) === JSON.stringify(expected) ? quietFor + 1 : 0;
      expected = alerts;
    }
    await calm.stop(pipeline);
    expect(new Set(expected.map(({ rule_title: title }) => title)).size).toBeGreaterThanOrEqual(3);

    const random = seeded(20_261_122);
    const all = stream(shakenTenants, startMs);
    const kills = 8;
    for (let i = 0; i < kills; i += 1) {
      worker = Worker.start(shaken);
      const part = all.slice(Math.floor((all.length * i) / kills), Math.floor((all.length * (i + 1)) / kills));
      await shaken.log.append(part);
      await new Promise((resolve) => setTimeout(resolve, 1_500 + random() * 1_500));
      await worker.kill();
    }
    worker = Worker.start(shaken);
    const found = await untilQuiet(shaken, expected.length);
    expect(summary(found, shakenTenants)).toEqual(summary(expected, calmTenants));
    expect(await shaken.jobs()).toEqual(found.map(({ id }) => id).sort());
  }, 240_000);
});
