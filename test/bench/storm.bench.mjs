// How quickly a storm of attacks becomes incidents, pages and mails: npm run bench:storm -- [stories] [embedded|kafka]
// Stories as of the fault run (three silos; four alerts of five open an incident of their own) lie in the log before the service starts, with
// all its roles, Postgres and a mail server of their own. Told: the time until each alert is there, each page in the mail server and no job left.
import '../integration/pipeline/swc-hooks.mjs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';

const { startKafka } = await import('../harness/kafka.ts');
const { resolveJars } = await import('../harness/maven.ts');
const { writeRules } = await import('../faults/rules.ts');
const { Instance, KillablePostgres } = await import('../faults/servers.ts');
const { expected, seeded, story } = await import('../faults/stories.ts');
const { World } = await import('../faults/world.ts');

const STORIES = Number(process.argv[2] ?? 800);
const LOG = process.argv[3] ?? 'embedded';
const SILOS = ['harbor', 'mill', 'quarry'];
/** Stories begin so far from each other, up to now. */
const APART_MS = 500;
const LOOK_EVERY_MS = 500;

const undo = [];
try {
  const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-storm-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const postgres = await KillablePostgres.start(path.join(folder, 'postgres'));
  undo.push(() => postgres.server.stop());
  const kafka =
    LOG === 'kafka' ? await startKafka((await resolveJars()).kafkaClassPath, path.join(folder, 'kafka')) : undefined;
  if (kafka !== undefined) undo.push(() => kafka.server.stop());
  const rules = path.join(folder, 'rules');
  await mkdir(rules);
  await writeRules(rules, 0);
  const name = 'storm';
  const world = await World.make({ folder, postgres, rules, name, ...(kafka && { kafka: kafka.address }) });
  undo.push(() => world.close());
  await world.addSilos(SILOS);
  const random = seeded(1);
  const beganMs = Date.now() - STORIES * APART_MS;
  const told = Array.from({ length: STORIES }, (_, index) => {
    const at = Math.floor(random() * SILOS.length);
    const startMs = Math.floor((beganMs + index * APART_MS) / 1_000) * 1_000;
    return { index, tenant: SILOS[at], other: SILOS[(at + 1) % SILOS.length], startMs };
  });
  const records = told.flatMap((one) => story(one).parts.flat());
  await world.log.append(records);

  const wanted = expected(told).length;
  const startedMs = performance.now();
  const instance = new Instance(world.env(6));
  undo.push(() => instance.stop());
  const seconds = () => Number(((performance.now() - startedMs) / 1_000).toFixed(1));
  let [alertsAfter, now] = [undefined, undefined];
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    [now] = await world.query(
      `select (select count(*) from alerts)::int as alerts, (select count(*) from incidents)::int as incidents,
         (select count(*) from page_attempts where state = 'queued')::int
           + (select count(*) from graphile_worker._private_jobs where attempts < max_attempts and run_at <= now())::int as waiting`,
    );
    if (now.alerts >= wanted) alertsAfter ??= seconds();
    if (now.alerts >= wanted && now.waiting === 0) break;
  }
  const { alerts, incidents } = now;
  const result = { log: LOG, records: records.length, alerts, incidents, mails: world.mail.arrivals.size };
  console.log(JSON.stringify({ ...result, alertsAfter, doneAfter: seconds(), load: loadavg()[0] }));
} finally {
  for (const step of undo.reverse()) await step();
}
process.exit(0);
