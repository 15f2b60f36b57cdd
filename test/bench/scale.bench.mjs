// What many silos cost: npm run bench:scale -- [records] [silos…], 100,000 records and 3, 100 and 1,000 silos unless said otherwise.
// For each number of silos it makes their topics (four each) and spreads the records over the access streams; then it starts the stages, in a
// process of their own, with the shipped rules, and tells how long they take to start, what they read per second, and what memory they have.
// Then a silo is added under them, and a second instance joins: how long until the new silo is read, and until both read half.
import '../integration/pipeline/swc-hooks.mjs';
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { accessLines } from './access-lines.mjs';

const { startServers } = await import('../harness/start-servers.ts');
const { testTenant } = await import('../harness/servers.ts');
const { stopAll } = await import('../harness/running.ts');
const { siloTopics } = await import('../../src/platform/event-log/topics.ts');
const { SiloRepository } = await import('../../src/silos/silo.repository.ts');
const { system } = await import('../../src/platform/database/scope.ts');
const { PipelineFixture } = await import('../integration/pipeline/fixture.ts');

const RECORDS = Number(process.argv[2] ?? 100_000);
const COUNTS = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [3, 100, 1_000];
const TOPICS_PER_GROUP = 150;
const MADE_AT_ONCE = 50;

const folder = (name) => fileURLToPath(new URL(`../integration/pipeline/${name}`, import.meta.url));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const since = (startedAt) => Math.round(performance.now() - startedAt);

/** The stages in a process of their own. */
class Instance {
  events = 0;
  partitions = 0;
  rssMb = 0;
  cpuMs = 0;
  firstAt = undefined;
  startedAt = performance.now();

  constructor(options) {
    const args = ['--import', folder('swc-hooks.mjs'), folder('worker-process.ts'), JSON.stringify(options)];
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.process.on('message', (told) => {
      Object.assign(this, told);
      if (this.events > 0) this.firstAt ??= performance.now();
    });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
  }

  async stop() {
    this.process.kill();
    await this.ended;
  }
}

async function until(what, isTrue, timeoutMs = 240_000) {
  for (const deadline = performance.now() + timeoutMs; !isTrue(); await sleep(20)) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`);
  }
}

async function makeSilos(fixture, tenants) {
  for (let at = 0; at < tenants.length; at += MADE_AT_ONCE) {
    const some = tenants.slice(at, at + MADE_AT_ONCE);
    await fixture.log.ensureTopics(some.flatMap((tenant) => siloTopics(tenant, 1)));
    await fixture.db.database.transaction(system('silo-directory'), async (tx) => {
      const facts = { timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72, createdAt: new Date() };
      for (const tenant of some) await new SiloRepository().upsert(tx, { tenant, name: tenant, ...facts });
    });
  }
}

async function fill(fixture, tenants) {
  const lines = accessLines(Date.now());
  for (let sent = 0; sent < RECORDS; sent += 2_000) {
    const messages = Array.from({ length: 2_000 }, (_, i) => {
      const tenant = tenants[(sent + i) % tenants.length];
      return { topic: `silo.${tenant}.access`, partition: 0, key: null, value: lines.next().value };
    });
    await fixture.log.append(messages);
  }
}

/** One instance over what lies there; then a new silo, then a second instance. */
async function measure(fixture, tenants) {
  const first = new Instance(fixture.options);
  let second;
  try {
    await until('the first record is read', () => first.events > 0);
    const startMs = Math.round(first.firstAt - first.startedAt);
    const before = { events: first.events, at: performance.now() };
    await until('all is read', () => first.events >= RECORDS);
    const perSecond = Math.round(((RECORDS - before.events) * 1_000) / since(before.at));
    await until('all partitions are held', () => first.partitions >= 2 * tenants.length);
    const rssMb = first.rssMb;
    const steady = await measureSteady(fixture, tenants, first);
    const addedAt = performance.now();
    const readBefore = first.events;
    const added = testTenant();
    await makeSilos(fixture, [added]);
    await fixture.log.append([
      { topic: `silo.${added}.access`, partition: 0, key: null, value: accessLines(Date.now()).next().value },
    ]);
    await until('the new silo is read', () => first.events > readBefore);
    const newSiloMs = since(addedAt);
    second = new Instance(fixture.options);
    await until('the second has started', () => second.partitions > 0);
    const joinedAt = performance.now();
    await until(
      'both hold half',
      () =>
        Math.abs(first.partitions - second.partitions) <= 2 * Math.ceil(tenants.length / 70) &&
        first.partitions + second.partitions >= 2 * tenants.length,
    );
    return {
      startMs,
      perSecond,
      rssMb,
      ...steady,
      newSiloMs,
      secondStartMs: Math.round(joinedAt - second.startedAt),
      sharedMs: since(joinedAt),
    };
  } finally {
    await first.stop();
    await second?.stop();
  }
}

/** What the stages take of the processor at rest, and under traffic that is spread over all silos. */
async function measureSteady(fixture, tenants, instance) {
  // The alerts of what was read before are done by then.
  await sleep(15_000);
  const restBefore = { cpuMs: instance.cpuMs, at: performance.now() };
  await sleep(8_000);
  const restShare = (instance.cpuMs - restBefore.cpuMs) / (performance.now() - restBefore.at);
  const before = { cpuMs: instance.cpuMs, events: instance.events, at: performance.now() };
  const lines = accessLines(Date.now());
  let sent = 0;
  for (let tick = 0; tick < 100; tick += 1) {
    const dueMs = before.at + tick * 100;
    await sleep(Math.max(0, dueMs - performance.now()));
    const messages = Array.from({ length: 300 }, (_, i) => {
      const topic = `silo.${tenants[(sent + i) % tenants.length]}.access`;
      return { topic, partition: 0, key: null, value: lines.next().value };
    });
    await fixture.log.append(messages);
    sent += messages.length;
  }
  await until('the traffic is read', () => instance.events >= before.events + sent);
  const tookMs = performance.now() - before.at;
  const cpuMs = instance.cpuMs - before.cpuMs;
  const rounded = (value) => Math.round(value * 100) / 100;
  return {
    coresAtRest: rounded(restShare),
    trafficPerSecond: Math.round((sent * 1_000) / tookMs),
    coresInTraffic: rounded(cpuMs / tookMs),
  };
}

/** What two instances read together of the same records, under a new database and new groups. */
async function measureTwo(tenants, detectGroups) {
  const fixture = await openFixture(detectGroups);
  const both = [];
  try {
    await makeSilos(fixture, tenants);
    both.push(new Instance(fixture.options), new Instance(fixture.options));
    const read = () => both[0].events + both[1].events;
    await until('both read', () => both.every(({ events }) => events > 0) || read() >= RECORDS);
    const before = { events: read(), at: performance.now() };
    await until('all is read', () => read() >= RECORDS);
    return Math.round(((read() - before.events) * 1_000) / since(before.at));
  } finally {
    await Promise.all(both.map((instance) => instance.stop()));
    await fixture.close();
  }
}

const openFixture = (detectGroups) =>
  PipelineFixture.open('kafka', {
    partitions: 24,
    rulesDirs: folder('no-rules/'),
    detectGroups,
    discoverEveryMs: 5_000,
  });

process.env.TEST_SERVERS = 'postgres,kafka';
if (process.env.SILOWATCH_TEST_SERVERS === undefined) await startServers();
try {
  for (const count of COUNTS) {
    const detectGroups = Math.ceil((2 * count) / TOPICS_PER_GROUP);
    const fixture = await openFixture(detectGroups);
    try {
      const madeAt = performance.now();
      const tenants = Array.from({ length: count }, () => testTenant());
      await makeSilos(fixture, tenants);
      const topicsMs = since(madeAt);
      await fill(fixture, tenants);
      const found = await measure(fixture, tenants);
      console.log(
        JSON.stringify({ silos: count, topics: 4 * count, detectGroups, topicsMs, ...found, load: loadavg()[0] }),
      );
      if (count === 100) {
        const twoInstancesPerSecond = await measureTwo(tenants, detectGroups);
        console.log(JSON.stringify({ silos: count, twoInstancesPerSecond, load: loadavg()[0] }));
      }
      await fixture.log.deleteTopics(tenants.flatMap((tenant) => siloTopics(tenant, 1).map(({ name }) => name)));
    } finally {
      await fixture.close();
    }
  }
} finally {
  await stopAll();
}
