// What a flood and a lost database do to others: npm run bench:flood -- [seconds of flood] [seconds without Postgres] [hostile lines a second]
// Starts its own Kafka and Postgres and the stages with the shipped rules in a process of their own. Ten silos send 50 records a second each,
// and once a second a probe from an address of its own, which becomes an alert. First one silo sends fifty times its rate, or, where the third
// figure is above 0, so many attacks a second, each from an address of its own; then the database is taken away. Told: the time from a probe's acknowledgement by the log to its alert, the memory of the stages, and how they catch up.
import '../integration/pipeline/swc-hooks.mjs';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { accessLines } from './access-lines.mjs';

const { startServers } = await import('../harness/start-servers.ts');
const { servers } = await import('../harness/servers.ts');
const { stopAll } = await import('../harness/running.ts');
const { PipelineFixture } = await import('../integration/pipeline/fixture.ts');
const { accessLine } = await import('../integration/pipeline/records.ts');

const FLOOD_SECONDS = Number(process.argv[2] ?? 60);
const AWAY_SECONDS = Number(process.argv[3] ?? 300);
const HOSTILE_RATE = Number(process.argv[4] ?? 0);
const CALM_SECONDS = 20;
const SILOS = 10;
const RATE = 50;
const FLOOD_TIMES = 50;
/** Several rules match it, of which each counts by address. */
const ATTACK = '/../../etc/passwd?x=1%27%20union%20select%201';
const TICK_MS = 100;

const folder = (name) => fileURLToPath(new URL(`../integration/pipeline/${name}`, import.meta.url));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends at the rates given, and probes that are remembered with the time at which the log had them. */
class Load {
  probes = [];
  sent = 0;
  flooded = undefined;
  #lines = accessLines(Date.now(), { hostileEvery: 0 });
  #isRunning = true;
  #count = 0;
  #attackers = 0;

  constructor(log, tenants) {
    this.log = log;
    this.tenants = tenants;
    this.done = this.#run();
  }

  async stop() {
    this.#isRunning = false;
    await this.done;
  }

  async #run() {
    for (let tick = 0, dueMs = performance.now(); this.#isRunning; tick += 1, dueMs += TICK_MS) {
      const messages = this.tenants.flatMap((tenant) => {
        const isFlooded = tenant === this.flooded;
        if (isFlooded && HOSTILE_RATE > 0) return this.#attacks(tenant, Math.round((HOSTILE_RATE * TICK_MS) / 1000));
        return this.#messages(tenant, Math.round((RATE * (isFlooded ? FLOOD_TIMES : 1) * TICK_MS) / 1000));
      });
      const probes = tick % (1000 / TICK_MS) === 0 ? this.tenants.map((tenant) => this.#probe(tenant)) : [];
      await this.log.append([...messages, ...probes.map(({ message }) => message)]);
      const atMs = Date.now();
      this.probes.push(...probes.map(({ address, tenant }) => ({ address, tenant, atMs })));
      this.sent += messages.length + probes.length;
      await sleep(Math.max(0, dueMs + TICK_MS - performance.now()));
    }
  }

  #messages(tenant, count) {
    return Array.from({ length: count }, () => onTopic(tenant, this.#lines.next().value));
  }

  #attacks(tenant, count) {
    return Array.from({ length: count }, () => {
      this.#attackers += 1;
      const address = `203.${[16, 8, 0].map((shift) => (this.#attackers >> shift) & 255).join('.')}`;
      return onTopic(tenant, accessLine(new Date(), ATTACK, address));
    });
  }

  #probe(tenant) {
    this.#count += 1;
    const address = `10.${(this.#count >> 16) & 255}.${(this.#count >> 8) & 255}.${this.#count & 255}`;
    return { tenant, address, message: onTopic(tenant, accessLine(new Date(), '/.env', address)) };
  }
}

const onTopic = (tenant, value) => ({ topic: `silo.${tenant}.access`, partition: 0, key: null, value });

/** Resident memory of a process, in MB. */
const residentMb = async (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

/** Alerts by address of the probe: how many, and when the first was made. */
async function alertsOf(fixture) {
  const rows = await fixture.query(
    `select e.value, count(*) as alerts, max(a.count) as count, min(a.created_at) as at
     from alerts a join alert_entities e on e.alert_id = a.id
     where e.kind = 'ip' and e.value like '10.%' and a.rule_title = 'Probe for secret files' group by e.value`,
  );
  return new Map(
    rows.map(({ value, alerts, count, at }) => [value, { alerts: Number(alerts), count: Number(count), at }]),
  );
}

async function untilAllThere(fixture, probes, timeoutMs) {
  for (const deadline = performance.now() + timeoutMs; ; await sleep(500)) {
    const alerts = await alertsOf(fixture);
    if (probes.every(({ address }) => alerts.has(address))) return alerts;
    if (performance.now() > deadline) throw new Error(`${probes.length - alerts.size} probes have no alert`);
  }
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

function latencies(probes, alerts) {
  const sorted = probes.map(({ address, atMs }) => alerts.get(address).at.getTime() - atMs).sort((a, b) => a - b);
  return {
    probes: sorted.length,
    medianMs: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    slowestMs: sorted.at(-1),
  };
}

async function lagOf(fixture, tenant) {
  const [row] = await fixture.query(
    'select lag_records, lag_seconds from stream_statistics where tenant_id = $1 and stream = $2',
    [tenant, 'access'],
  );
  return { records: Number(row?.lag_records ?? 0), seconds: Math.round(row?.lag_seconds ?? 0) };
}

async function setReachable(fixture, isReachable) {
  const client = new pg.Client({ connectionString: servers().postgresSuperuserUrl });
  await client.connect();
  await client.query(`alter database ${fixture.db.name} allow_connections ${isReachable}`);
  if (!isReachable)
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [fixture.db.name]);
  await client.end();
}

async function flood(fixture, load, pid) {
  const [flooding, ...others] = load.tenants;
  await sleep(CALM_SECONDS * 1_000);
  const calm = load.probes.splice(0);
  const before = await residentMb(pid);
  load.flooded = flooding;
  const sentBefore = load.sent;
  const startedAt = performance.now();
  await sleep(FLOOD_SECONDS * 1_000);
  const during = load.probes.splice(0);
  const perSecond = Math.round(((load.sent - sentBefore) * 1_000) / (performance.now() - startedAt));
  const lag = await lagOf(fixture, flooding);
  load.flooded = undefined;
  // Behind many attacks the flooding silo's own probes wait long: that is what its lag says.
  const awaited = during.filter(({ tenant }) => tenant !== flooding || HOSTILE_RATE === 0);
  const alerts = await untilAllThere(fixture, [...calm, ...awaited], 300_000);
  const of = (probes, tenants) =>
    latencies(
      probes.filter(({ tenant }) => tenants.includes(tenant)),
      alerts,
    );
  return {
    calm: of(calm, others),
    floodRecordsPerSecond: perSecond,
    othersDuring: of(awaited, others),
    ...(HOSTILE_RATE === 0 && { floodingDuring: of(awaited, [flooding]) }),
    lagOfFlooding: lag,
    residentMb: [before, await residentMb(pid)],
    load: loadavg()[0],
  };
}

async function databaseAway(fixture, load, pid) {
  const before = await residentMb(pid);
  const sentBefore = load.sent;
  load.probes.length = 0;
  await setReachable(fixture, false);
  const samples = [];
  for (let second = 0; second < AWAY_SECONDS; second += AWAY_SECONDS / 4) {
    await sleep((AWAY_SECONDS / 4) * 1_000);
    samples.push(await residentMb(pid));
  }
  const sent = load.sent - sentBefore;
  const probes = load.probes.splice(0);
  await setReachable(fixture, true);
  const backAt = performance.now();
  const alerts = await untilAllThere(fixture, probes, 600_000);
  const caughtUpMs = performance.now() - backAt;
  return {
    seconds: AWAY_SECONDS,
    records: sent,
    probes: probes.length,
    lost: probes.filter(({ address }) => !alerts.has(address)).length,
    doubled: [...alerts.values()].filter(({ alerts: times, count }) => times > 1 || count > 1).length,
    caughtUpSeconds: Math.round(caughtUpMs / 100) / 10,
    alertsPerSecondAfter: Math.round(probes.length / (caughtUpMs / 1_000)),
    residentMb: [before, ...samples, await residentMb(pid)],
    load: loadavg()[0],
  };
}

process.env.TEST_SERVERS = 'postgres,kafka';
if (process.env.SILOWATCH_TEST_SERVERS === undefined) await startServers();
const fixture = await PipelineFixture.open('kafka', { partitions: 24, rulesDirs: folder('no-rules/') });
let stages;
try {
  const tenants = [];
  for (let i = 0; i < SILOS; i += 1) tenants.push(await fixture.addSilo());
  stages = spawn(
    process.execPath,
    ['--import', folder('swc-hooks.mjs'), folder('worker-process.ts'), JSON.stringify(fixture.options)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const load = new Load(fixture.log, tenants);
  // The stages are up, and what lay there before them is done, when the last probe of this moment is an alert.
  await sleep(5_000);
  await untilAllThere(fixture, load.probes, 300_000);
  load.probes.length = 0;
  if (FLOOD_SECONDS > 0) console.log(JSON.stringify({ flood: await flood(fixture, load, stages.pid) }));
  if (AWAY_SECONDS > 0) console.log(JSON.stringify({ databaseAway: await databaseAway(fixture, load, stages.pid) }));
  await load.stop();
} finally {
  stages?.kill();
  await fixture.close();
  await stopAll();
}
