// From log to alert in one process with the shipped rules: node test/bench/pipeline.bench.mjs [records] [kafka|embedded]
// Starts its own servers, fills the topics of three silos, then starts the service, with detect and correlate (incidents are opened too, jobs
// are left to others), and waits until everything is read and counted.
// One record in a hundred is hostile, or in HOSTILE_EVERY. What a record costs beside consuming, parsing and matching is the main thread's time
// for it less that of a reader which does these three alone, before and after. With PROFILE=file the time is also split by stage, from a profile
// that the file keeps; looking costs a microsecond or two.
// Where `taskset` is, the servers run on the second core and the service's main thread on the first: else what the database does while it is
// woken counts as the service's.
import '../integration/pipeline/swc-hooks.mjs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
const { consumeParseMatch, workedSince } = await import('./consume-parse-match.mjs');
const { addSilos, openLog, serviceEnv } = await import('./service-fixture.mjs');

const RECORDS = Number(process.argv[2] ?? 300_000);
const KIND = process.argv[3] ?? 'kafka';
const HOSTILE_EVERY = Number(process.env.HOSTILE_EVERY ?? 100);
const BATCH = 2_000;
/** What serves this process, by the name of the program; whatever else of that name runs on the machine counts too. */
const SERVERS = ['postgres', 'java'];
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

/** Processor time of all processes of a program on this machine (milliseconds), those included that have ended since their parents began; 0 where there is no /proc. */
async function processorMs(program) {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, 'latin1').catch(() => '')));
  return stats
    .filter((stat) => stat.includes(`(${program})`))
    .map((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' '))
    .reduce((sum, fields) => sum + fields.slice(11, 15).reduce((ticks, one) => ticks + Number(one), 0) * 10, 0);
}

const microseconds = (tookMs) => Math.round((tookMs / RECORDS) * 10_000) / 10;

async function measure(db, dataDir) {
  const startedAt = performance.now();
  const service = await serve({
    ...serviceEnv(KIND, db, dataDir),
    SILOWATCH_ROLES: 'detect,correlate',
    LOG_LEVEL: 'warn',
  });
  undo.push(() => service.stop());
  const upAt = performance.now();
  const endSplit = process.env.PROFILE ? await splitTime() : undefined;
  let firstAt = 0;
  let read = 0;
  const [postgresBefore, brokerBefore] = await Promise.all(SERVERS.map(processorMs));
  let [cpuBefore, threadBefore] = [process.cpuUsage(), process.threadCpuUsage()];
  while (read < RECORDS) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    read = await metric(service, 'silowatch_events_total');
    if (firstAt === 0 && read > 0) {
      [firstAt, cpuBefore, threadBefore] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
    }
  }
  const readAt = performance.now();
  const { alerts, countedAt } = await untilCounted(db, readAt);
  const workedMs = workedSince(threadBefore);
  const cpu = process.cpuUsage(cpuBefore);
  const [postgresAfter, brokerAfter] = await Promise.all(SERVERS.map(processorMs));
  const split = await endSplit?.();
  if (split !== undefined) await writeFile(process.env.PROFILE, JSON.stringify(split.profile));
  const perSecond = (tookMs) => Math.round(RECORDS / (tookMs / 1_000));
  return {
    workedMs,
    matches: await metric(service, 'silowatch_matches_total'),
    alerts,
    startMs: Math.round(upAt - startedAt),
    readPerSecond: perSecond(readAt - firstAt),
    recordToAlertPerSecond: perSecond(countedAt - firstAt),
    // What one record costs this process, whatever else the machine does meanwhile.
    cpuMicrosecondsPerRecord: microseconds((cpu.user + cpu.system) / 1_000),
    serversMicrosecondsPerRecord: {
      postgres: microseconds(postgresAfter - postgresBefore),
      broker: microseconds(brokerAfter - brokerBefore),
    },
    ...(split && {
      microsecondsPerRecordByStage: Object.fromEntries([...split.ms].map(([stage, ms]) => [stage, microseconds(ms)])),
      ofThatCollectingGarbage: microseconds(split.collectionMs),
    }),
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
  const topics = TENANTS.map((tenant) => `silo.${tenant}.access`);
  const alone = (group) => consumeParseMatch(log, { group, topics, records: RECORDS });
  const before = await alone('bench-before');
  const { workedMs, ...measured } = await measure(db, dataDir);
  const after = await alone('bench-after');
  const mainThread = {
    consumeParseMatch: [before, after].map((one) => microseconds(one.workedMs)),
    all: microseconds(workedMs),
    outside: microseconds(workedMs - (before.workedMs + after.workedMs) / 2),
  };
  const asMatched = { matchesAlone: before.matches, microsecondsPerRecordOfMainThread: mainThread };
  console.log(JSON.stringify({ log: KIND, isPinned, records: RECORDS, recordBytes, ...measured, ...asMatched }));
} finally {
  for (const step of undo.reverse()) await step();
}
