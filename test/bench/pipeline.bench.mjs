// From log to alert in one process with the shipped rules: node test/bench/pipeline.bench.mjs [records] [kafka|embedded]
// Starts its own servers, fills the topics of three silos, then starts the stages and waits until everything is read and counted.
// About 1 % of the records match a rule. `--cpu-prof` shows where the time goes.
import '../integration/pipeline/swc-hooks.mjs';

const { startServers } = await import('../harness/start-servers.ts');
const { stopAll } = await import('../harness/running.ts');
const { PipelineFixture } = await import('../integration/pipeline/fixture.ts');
const { accessLine } = await import('../integration/pipeline/records.ts');
const { fileURLToPath } = await import('node:url');

const RECORDS = Number(process.argv[2] ?? 300_000);
const KIND = process.argv[3] ?? 'kafka';
const BATCH = 1_000;
const SILOS = 3;
const NO_RULES = fileURLToPath(new URL('../integration/pipeline/no-rules/', import.meta.url));

const ORDINARY = [
  '/',
  '/invoices',
  '/invoices/4711',
  '/assets/app.js',
  '/api/ledger?from=2026-01-01&to=2026-03-31',
  '/login',
];
const HOSTILE = ['/.env', '/wp-login.php', '/?q=%27%20union%20select%201--', '/../../etc/passwd'];

/** 840 bytes, as access logs with long user agents and referers are; one in a hundred hostile. */
function line(i, nowMs) {
  const isHostile = i % 100 === 0;
  const path = isHostile ? HOSTILE[(i / 100) % HOSTILE.length] : ORDINARY[i % ORDINARY.length];
  const text = accessLine(new Date(nowMs - 1_000), path, `198.51.100.${i % 250}`, isHostile ? 404 : 200);
  return text.replace('"curl/8.5.0"', `"Mozilla/5.0 (X11; Linux x86_64) ${'Gecko/20100101 '.repeat(44)}"`);
}

const metric = async (pipeline, name) => {
  const found = await pipeline.metrics.main.getSingleMetric(name)?.get();
  return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0);
};

process.env.TEST_SERVERS = KIND === 'kafka' ? 'postgres,kafka' : 'postgres';
await startServers();
const fixture = await PipelineFixture.open(KIND, { partitions: 24, rulesDirs: NO_RULES });
try {
  const tenants = [];
  for (let i = 0; i < SILOS; i += 1) tenants.push(await fixture.addSilo());
  const nowMs = Date.now();
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    const topic = `silo.${tenants[(sent / BATCH) % SILOS]}.access`;
    await fixture.log.append(
      Array.from({ length: BATCH }, (_, i) => ({ topic, partition: 0, key: null, value: line(sent + i, nowMs) })),
    );
  }
  console.error(`filled in ${Math.round((Date.now() - nowMs) / 1000)} s`);
  const startedAt = performance.now();
  const pipeline = await fixture.start();
  const upAt = performance.now();
  let firstAt = 0;
  let read = 0;
  let cpuBefore = process.cpuUsage();
  while (read < RECORDS) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    read = await metric(pipeline, 'silowatch_events_total');
    if (firstAt === 0 && read > 0) [firstAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  }
  const readAt = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  const countedOf = async () =>
    JSON.stringify(await fixture.query('select sum(count) as n, count(*) as alerts from alerts'));
  let counted = '';
  let countedAt = readAt;
  for (let calm = 0; calm < 10; calm += 1) {
    const now = await countedOf();
    if (now !== counted) [counted, countedAt, calm] = [now, performance.now(), 0];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const perSecond = (ms) => Math.round(RECORDS / (ms / 1000));
  console.log(
    JSON.stringify({
      log: KIND,
      records: RECORDS,
      recordBytes: line(1, nowMs).length,
      matches: await metric(pipeline, 'silowatch_matches_total'),
      alerts: JSON.parse(counted)[0],
      startMs: Math.round(upAt - startedAt),
      readPerSecond: perSecond(readAt - firstAt),
      recordToAlertPerSecond: perSecond(countedAt - firstAt),
      // What one record costs this process, whatever else the machine does meanwhile.
      cpuMicrosecondsPerRecord: Math.round(((cpu.user + cpu.system) / RECORDS) * 10) / 10,
      rssMb: Math.round(process.memoryUsage().rss / 1e6),
    }),
  );
} finally {
  await fixture.close();
  await stopAll();
}
