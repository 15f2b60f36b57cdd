import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kafkaAddress, testTenant } from '../../harness/servers.js';
import { intakeRig, type IntakeRig, sendTo } from './intake-rig.js';

const HOOKS = fileURLToPath(new URL('../pipeline/swc-hooks.mjs', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));

const BODIES = 60;
const LINES = 50;
const KILLS = 3;

let rig: IntakeRig;
let kafka: Record<string, string>;
let data: string;
let instance: ChildProcess | undefined;
beforeAll(async () => {
  const { brokers, username, password } = kafkaAddress();
  kafka = {
    KAFKA_BROKERS: brokers,
    KAFKA_USERNAME: username,
    KAFKA_PASSWORD: password,
    KAFKA_ALLOW_UNREPLICATED: 'true',
  };
  data = await mkdtemp(path.join(tmpdir(), 'silowatch-intake-'));
  rig = await intakeRig(kafka);
});
afterAll(async () => {
  instance?.kill('SIGKILL');
  await rig.stop();
  await rm(data, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** An instance of the service in a process of its own, ready for requests. */
async function start(port: number): Promise<ChildProcess> {
  const { serviceUrl, workerUrl } = rig.service.db;
  const env = {
    PATH: process.env['PATH'],
    PORT: String(port),
    DATABASE_URL: serviceUrl,
    DATABASE_WORKER_URL: workerUrl,
    SILOWATCH_ROLES: 'api',
    SILOWATCH_DATA: data,
    ...kafka,
  };
  const child = spawn(NODE, ['--import', HOOKS, MAIN, 'serve'], { env, stdio: 'ignore' });
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return child;
    if (child.exitCode !== null) throw new Error(`the instance ended with status ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it('keeps every line of a body that was answered, and with a shipper that repeats loses none, whenever it is killed', async () => {
  const tenant = testTenant();
  const headers = {
    authorization: `Bearer ${await rig.addSilo(tenant, { partitions: 2 })}`,
    'content-type': 'application/x-ndjson',
  };
  const port = await freePort();
  const url = new URL(`http://127.0.0.1:${port}/intake/audit`);
  const answered = new Set<number>();
  let restarts = 0;
  instance = await start(port);

  /** As shippers do: one body after the other, each again until it is answered. */
  const ship = async (bodies: readonly number[]): Promise<void> => {
    const agent = new Agent({ keepAlive: true });
    for (const body of bodies) {
      const text = Array.from({ length: LINES }, (_, n) => JSON.stringify({ body, n })).join('\n');
      while (!answered.has(body)) {
        const reply = await sendTo(url, agent, 'POST', text, headers).catch(() => undefined);
        if (reply?.status === 200) answered.add(body);
        else await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    agent.destroy();
  };
  const all = Array.from({ length: BODIES }, (_, body) => body);
  const shipping = Promise.all([0, 1, 2].map((shipper) => ship(all.filter((body) => body % 3 === shipper))));

  const lost: string[] = [];
  const check = async (bodies: ReadonlySet<number>): Promise<void> => {
    const records = await rig.records(tenant, 'audit');
    const found = new Set(records.map(({ value }) => value?.toString() ?? ''));
    for (const body of bodies) {
      for (let n = 0; n < LINES; n++) {
        const line = JSON.stringify({ body, n });
        if (!found.has(line)) lost.push(line);
      }
    }
  };
  for (let kill = 1; kill <= KILLS; kill++) {
    // In the middle of what is being sent: some bodies are answered, others under way.
    while (answered.size < (BODIES * kill) / (KILLS + 1)) await new Promise((resolve) => setTimeout(resolve, 1));
    const ended = once(instance, 'exit');
    instance.kill('SIGKILL');
    await ended;
    await check(new Set(answered));
    restarts++;
    instance = await start(port);
  }
  await shipping;
  expect(restarts).toBe(KILLS);
  expect(answered.size).toBe(BODIES);
  await check(answered);
  expect(lost).toEqual([]);
}, 180_000);
