// From log to alert in one process with the shipped rules: node test/bench/pipeline.bench.mjs [records] [kafka|embedded]
// Starts its own servers, fills the topics of three silos, then starts the stages and waits until everything is read and counted.
// One record in a hundred is hostile, or in HOSTILE_EVERY. The time of a record is split by stage; PROFILE=file keeps the profile that the split is made from.
// BENCH_TENANTS=a,b,c reads topics that an earlier run filled (FILL_ONLY=1), on servers that already run (SILOWATCH_TEST_SERVERS).
import '../integration/pipeline/swc-hooks.mjs';
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { accessLines } from './access-lines.mjs';
import { splitTime } from './time-split.mjs';

const { startServers } = await import('../harness/start-servers.ts');
const { stopAll } = await import('../harness/running.ts');
const { PipelineFixture } = await import('../integration/pipeline/fixture.ts');
const { fileURLToPath } = await import('node:url');

const RECORDS = Number(process.argv[2] ?? 300_000);
const KIND = process.argv[3] ?? 'kafka';
const HOSTILE_EVERY = Number(process.env.HOSTILE_EVERY ?? 100);
const BATCH = 2_000;
const SILOS = 3;
const NO_RULES = fileURLToPath(new URL('../integration/pipeline/no-rules/', import.meta.url));

const metric = async (pipeline, name) => {
  const found = await pipeline.metrics.main.getSingleMetric(name)?.get();
  return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0);
};

async function fill(fixture, tenants, nowMs) {
  const lines = accessLines(nowMs, { hostileEvery: HOSTILE_EVERY });
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    const topic = `silo.${tenants[(sent / BATCH) % tenants.length]}.access`;
    await fixture.log.append(
      Array.from({ length: BATCH }, () => ({ topic, partition: 0, key: null, value: lines.next().value })),
    );
  }
}

/** When the alerts in the database stop changing. */
async function untilCounted(fixture, sinceMs) {
  let counted = '';
  let countedAt = sinceMs;
  for (let calm = 0; calm < 10; calm += 1) {
    const [row] = await fixture.query('select sum(count) as n, count(*) as alerts from alerts');
    const now = JSON.stringify(row);
    if (now !== counted) [counted, countedAt, calm] = [now, performance.now(), 0];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { alerts: JSON.parse(counted), countedAt };
}

async function measure(fixture) {
  const startedAt = performance.now();
  const pipeline = await fixture.start();
  const upAt = performance.now();
  const endSplit = await splitTime();
  let firstAt = 0;
  let read = 0;
  let cpuBefore = process.cpuUsage();
  while (read < RECORDS) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    read = await metric(pipeline, 'silowatch_events_total');
    if (firstAt === 0 && read > 0) [firstAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  }
  const readAt = performance.now();
  const { alerts, countedAt } = await untilCounted(fixture, readAt);
  const cpu = process.cpuUsage(cpuBefore);
  const { profile, ms } = await endSplit();
  if (process.env.PROFILE) await writeFile(process.env.PROFILE, JSON.stringify(profile));
  const perSecond = (tookMs) => Math.round(RECORDS / (tookMs / 1_000));
  const microseconds = (tookMs) => Math.round((tookMs / RECORDS) * 10_000) / 10;
  return {
    matches: await metric(pipeline, 'silowatch_matches_total'),
    alerts,
    startMs: Math.round(upAt - startedAt),
    readPerSecond: perSecond(readAt - firstAt),
    recordToAlertPerSecond: perSecond(countedAt - firstAt),
    // What one record costs this process, whatever else the machine does meanwhile.
    cpuMicrosecondsPerRecord: microseconds((cpu.user + cpu.system) / 1_000),
    microsecondsPerRecordByStage: Object.fromEntries([...ms].map(([stage, took]) => [stage, microseconds(took)])),
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
    load: loadavg()[0],
  };
}

process.env.TEST_SERVERS = KIND === 'kafka' ? 'postgres,kafka' : 'postgres';
if (process.env.SILOWATCH_TEST_SERVERS === undefined) await startServers();
const fixture = await PipelineFixture.open(KIND, { partitions: 24, rulesDirs: NO_RULES });
try {
  const given = process.env.BENCH_TENANTS?.split(',');
  const tenants = [];
  for (let i = 0; i < (given?.length ?? SILOS); i += 1) tenants.push(await fixture.addSilo(given?.[i]));
  const nowMs = Date.now();
  if (given === undefined) await fill(fixture, tenants, nowMs);
  console.error(`${tenants.join(',')} filled in ${Math.round((Date.now() - nowMs) / 1000)} s`);
  if (!process.env.FILL_ONLY) {
    const recordBytes = accessLines(nowMs).next().value.length;
    console.log(JSON.stringify({ log: KIND, records: RECORDS, recordBytes, ...(await measure(fixture)) }));
  }
} finally {
  await fixture.close();
  await stopAll();
}
