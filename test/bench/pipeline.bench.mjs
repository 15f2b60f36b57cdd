// From log to alert in one process with the shipped rules: node test/bench/pipeline.bench.mjs [records] [kafka|embedded]
// Starts its own servers, fills the topics of three silos, then starts the service, with detect and correlate (incidents are opened too, jobs
// are left to others), and waits until everything is read and counted.
// One record in a hundred is hostile, or in HOSTILE_EVERY. The time of a record is split by stage; PROFILE=file keeps the profile that the split is made from.
// Where `taskset` is, the servers run on the second core and the service's main thread on the first: else what the database does while it is
// woken counts as the service's.
import '../integration/pipeline/swc-hooks.mjs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { accessLines } from './access-lines.mjs';
import { splitTime } from './time-split.mjs';

const { startServers } = await import('../harness/start-servers.ts');
const { stopAll } = await import('../harness/running.ts');
const { testDatabase } = await import('../harness/database.ts');
const { system } = await import('../../src/platform/database/scope.ts');
const { serve } = await import('../../src/app/serve.ts');
const { addSilos, openLog, serviceEnv } = await import('./service-fixture.mjs');

const RECORDS = Number(process.argv[2] ?? 300_000);
const KIND = process.argv[3] ?? 'kafka';
const HOSTILE_EVERY = Number(process.env.HOSTILE_EVERY ?? 100);
const BATCH = 2_000;
/** What every way from a log to alerts has to do, and what looking costs. */
const INSIDE = ['consume', 'parse', 'match', 'profiler'];
const TENANTS = ['bench-one', 'bench-two', 'bench-three'];

/** Threads of this process onto these cores, and what it starts from then on; false where that cannot be. */
const CORES = availableParallelism();
const pin = (cores, ...flags) =>
  CORES > 1 && spawnSync('taskset', [...flags, '-p', '-c', cores, String(process.pid)]).status === 0;

const metric = async ({ platform }, name) => {
  const found = await platform.metrics.main.getSingleMetric(name)?.get();
  return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0);
};

async function fill(log, nowMs) {
  const lines = accessLines(nowMs, { hostileEvery: HOSTILE_EVERY });
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    const topic = `silo.${TENANTS[(sent / BATCH) % TENANTS.length]}.access`;
    await log.append(
      Array.from({ length: BATCH }, () => ({ topic, partition: 0, key: null, value: lines.next().value })),
    );
  }
}

/** When the alerts in the database stop changing. */
async function untilCounted(db, sinceMs) {
  let counted = '';
  let countedAt = sinceMs;
  for (let calm = 0; calm < 10; calm += 1) {
    const [row] = await db.database.transaction(system('correlate'), (tx) =>
      tx.query('select sum(count) as n, count(*) as alerts, count(distinct incident_id) as incidents from alerts'),
    );
    const now = JSON.stringify(row);
    if (now !== counted) [counted, countedAt, calm] = [now, performance.now(), 0];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { alerts: JSON.parse(counted), countedAt };
}

async function measure(db, dataDir) {
  const startedAt = performance.now();
  const service = await serve({
    ...serviceEnv(KIND, db, dataDir),
    SILOWATCH_ROLES: 'detect,correlate',
    LOG_LEVEL: 'warn',
  });
  undo.push(() => service.stop());
  const upAt = performance.now();
  const endSplit = await splitTime();
  let firstAt = 0;
  let read = 0;
  let cpuBefore = process.cpuUsage();
  while (read < RECORDS) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    read = await metric(service, 'silowatch_events_total');
    if (firstAt === 0 && read > 0) [firstAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  }
  const readAt = performance.now();
  const { alerts, countedAt } = await untilCounted(db, readAt);
  const cpu = process.cpuUsage(cpuBefore);
  const { profile, ms, collectionMs } = await endSplit();
  if (process.env.PROFILE) await writeFile(process.env.PROFILE, JSON.stringify(profile));
  const perSecond = (tookMs) => Math.round(RECORDS / (tookMs / 1_000));
  const microseconds = (tookMs) => Math.round((tookMs / RECORDS) * 10_000) / 10;
  return {
    matches: await metric(service, 'silowatch_matches_total'),
    alerts,
    startMs: Math.round(upAt - startedAt),
    readPerSecond: perSecond(readAt - firstAt),
    recordToAlertPerSecond: perSecond(countedAt - firstAt),
    // What one record costs this process, whatever else the machine does meanwhile.
    cpuMicrosecondsPerRecord: microseconds((cpu.user + cpu.system) / 1_000),
    microsecondsPerRecordByStage: Object.fromEntries([...ms].map(([stage, took]) => [stage, microseconds(took)])),
    ofThatCollectingGarbage: microseconds(collectionMs),
    outsideConsumeParseMatch: microseconds(
      [...ms].reduce((sum, [stage, took]) => (INSIDE.includes(stage) ? sum : sum + took), 0),
    ),
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
    load: loadavg()[0],
  };
}

const undo = [];
process.env.TEST_SERVERS = KIND === 'kafka' ? 'postgres,kafka' : 'postgres';
const isPinned = pin('1', '-a');
await startServers();
undo.push(stopAll);
if (isPinned) pin(`0-${CORES - 1}`, '-a');
if (isPinned) pin('0');
try {
  const db = await testDatabase();
  undo.push(() => db.drop());
  const log = openLog(KIND, db);
  undo.push(() => log.close());
  const dataDir = await mkdtemp(path.join(tmpdir(), 'silowatch-bench-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  await addSilos(db, log, TENANTS);
  const nowMs = Date.now();
  await fill(log, nowMs);
  console.error(`filled in ${Math.round((Date.now() - nowMs) / 1000)} s`);
  const recordBytes = accessLines(nowMs).next().value.length;
  console.log(JSON.stringify({ log: KIND, isPinned, records: RECORDS, recordBytes, ...(await measure(db, dataDir)) }));
} finally {
  for (const step of undo.reverse()) await step();
}
