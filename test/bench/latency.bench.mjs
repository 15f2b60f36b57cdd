// From a record in the log to its page accepted by a mail server, under traffic:
//   node test/bench/latency.bench.mjs [embedded|kafka] [seconds] [events a second]
// Starts its own servers and the built service (`npm run build:service` first) as a process of its own with the shipped rules. Ordinary
// traffic goes onto three silos; once a second an account of its own grants itself a role, which opens an incident. Measured here, by one
// clock: from the log's acknowledgement of that record to the end of the mail's DATA.
import '../integration/pipeline/swc-hooks.mjs';

const { spawn } = await import('node:child_process');
const { randomUUID } = await import('node:crypto');
const { mkdtemp, readFile, rm } = await import('node:fs/promises');
const os = await import('node:os');
const path = await import('node:path');
const { setTimeout: sleep } = await import('node:timers/promises');
const { fileURLToPath } = await import('node:url');
const { default: pg } = await import('pg');
const { SMTPServer } = await import('smtp-server');
const { startServers } = await import('../harness/start-servers.ts');
const { stopAll } = await import('../harness/running.ts');
const { testDatabase } = await import('../harness/database.ts');
const { system } = await import('../../src/platform/database/scope.ts');
const { addSilos, openLog, serviceEnv } = await import('./service-fixture.mjs');
const { accessLine } = await import('../integration/pipeline/records.ts');

const KIND = process.argv[2] ?? 'embedded';
const SECONDS = Number(process.argv[3] ?? 60);
const RATE = Number(process.argv[4] ?? 1_000);
const TENANTS = ['bench-one', 'bench-two', 'bench-three'];
const TICK_MS = 50;
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PATHS = ['/', '/app/invoices?page=1', '/app/invoices/4711', '/assets/app.js', '/api/v1/ledger?from=2026-01-01'];

const undo = [];
const audit = (facts) => JSON.stringify({ v: 1, id: randomUUID(), time: new Date().toISOString(), ...facts });

/** Nine access lines and one audit record of ten; nothing that a rule knows. */
function ordinary(i) {
  const topic = `silo.${TENANTS[i % TENANTS.length]}`;
  if (i % 10 !== 0) {
    const value = accessLine(new Date(), PATHS[i % PATHS.length], `198.51.100.${i % 250}`, 200);
    return { topic: `${topic}.access`, partition: 0, key: null, value: value.replace('curl/8.5.0', 'Mozilla/5.0') };
  }
  const facts = { action: 'invoice.read', outcome: 'success', actor: { type: 'user', id: `u-${i % 40}` } };
  return { topic: `${topic}.audit`, partition: 0, key: null, value: audit(facts) };
}

function hostile(n) {
  const id = `bench-${n}`;
  const facts = { action: 'role.grant', outcome: 'success', actor: { type: 'user', id }, target: { type: 'user', id } };
  return { topic: `silo.${TENANTS[n % TENANTS.length]}.audit`, partition: 0, key: null, value: audit(facts) };
}

/** Accepts every mail and keeps when it did, by the incident that the mail's thread is of. */
async function mailServer() {
  const acceptedAt = new Map();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData: (stream, _session, done) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const [, incident] = /pages\.([0-9a-f-]{36})@/.exec(Buffer.concat(chunks).toString('latin1')) ?? [];
        if (incident !== undefined && !acceptedAt.has(incident)) acceptedAt.set(incident, Date.now());
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: server.server.address().port, acceptedAt };
}

async function addResponder(db) {
  const client = new pg.Client({ connectionString: db.ownerUrl });
  await client.connect();
  await client.query(`select set_config('silowatch.scope', 'system:operator', false)`);
  await client.query(
    `insert into staff (id, email, name, state, roles, created_at)
     values ($1, 'on-call@bench.example', 'On call', 'active', '{responder}', now())`,
    [randomUUID()],
  );
  await client.end();
}

async function startService(db, smtpPort) {
  const data = await mkdtemp(path.join(os.tmpdir(), 'silowatch-bench-'));
  undo.push(() => rm(data, { recursive: true, force: true }));
  const service = spawn(process.execPath, [MAIN, 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...serviceEnv(KIND, db, data), SMTP_URL: `smtp://127.0.0.1:${smtpPort}` },
  });
  const exited = new Promise((resolve) => service.once('exit', resolve));
  undo.push(async () => {
    service.kill('SIGTERM');
    await exited;
  });
  await new Promise((resolve, reject) => {
    let text = '';
    service.stdout.on('data', (chunk) => {
      if (text.length < 100_000) text += String(chunk);
      if (text.includes('service.started')) resolve();
    });
    void exited.then(() => reject(new Error(`the service ended: ${text.slice(-2_000)}`)));
  });
  return service;
}

/** Traffic at its rate for the time; resolves with when each hostile record was acknowledged, by `topic/offset`. */
async function traffic(log, seconds, isHostileToo) {
  const ackedAt = new Map();
  const failures = [];
  const startedAt = Date.now();
  let sent = 0;
  let injected = 0;
  let slowestAckMs = 0;
  const append = (messages, then = () => undefined) => {
    const at = Date.now();
    void log.append(messages).then(
      (positions) => {
        slowestAckMs = Math.max(slowestAckMs, Date.now() - at);
        then(positions);
      },
      (error) => failures.push(error),
    );
  };
  while (Date.now() - startedAt < seconds * 1_000) {
    const due = Math.floor(((Date.now() - startedAt) / 1_000) * RATE) - sent;
    if (due > 0) append(Array.from({ length: due }, (_, i) => ordinary(sent + i)));
    sent += Math.max(due, 0);
    // Not in step with the ticks or with any sweep of the service.
    if (
      isHostileToo &&
      injected < seconds &&
      (Date.now() - startedAt) / 1_000 > injected + ((injected * 37) % 100) / 100
    ) {
      injected += 1;
      append([hostile(injected)], ([{ topic, offset }]) => ackedAt.set(`${topic}/${offset}`, Date.now()));
    }
    await sleep(TICK_MS);
  }
  if (failures.length > 0) throw failures[0];
  return { ackedAt, injected, perSecond: Math.round(sent / seconds), slowestAckMs };
}

/** Processor time that a process has used; Linux alone tells. */
async function cpuSeconds(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user, kernel] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(kernel)) / 100;
}

const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? NaN);
};
const figures = (values) => ({ median: quantile(values, 0.5), p99: quantile(values, 0.99), max: quantile(values, 1) });

const stages = (db) =>
  db.database.transaction(system('paging'), (tx) =>
    tx.query(
      `select a.incident_id as incident, a.samples->0->>'topic' as topic, a.samples->0->>'offset' as record,
         a.created_at as alert, p.started_at as page, t.created_at as attempt, t.at as sent
       from alerts a join pages p on p.incident_id = a.incident_id join page_attempts t on t.page_id = p.id and t.cursor = 0`,
    ),
  );

process.env.TEST_SERVERS = KIND === 'kafka' ? 'postgres,kafka' : 'postgres';
await startServers();
undo.push(stopAll);
try {
  const db = await testDatabase();
  undo.push(() => db.drop());
  const mail = await mailServer();
  const log = openLog(KIND, db);
  undo.push(() => log.close());
  await addSilos(db, log, TENANTS);
  await addResponder(db);
  const service = await startService(db, mail.port);
  // Readers have joined and code is warm before anything is measured.
  await traffic(log, 10, false);
  const loadBefore = os.loadavg()[0];
  const cpuBefore = await cpuSeconds(service.pid);
  const { ackedAt, injected, perSecond, slowestAckMs } = await traffic(log, SECONDS, true);
  const cpuShare = ((await cpuSeconds(service.pid)) - cpuBefore) / SECONDS;
  for (let i = 0; i < 100 && mail.acceptedAt.size < injected; i += 1) await sleep(100);
  const rows = await stages(db);
  const parts = { recordToAlert: [], alertToPage: [], pageToMail: [], recordToMail: [] };
  for (const row of rows) {
    const acked = ackedAt.get(`${row.topic}/${row.record}`);
    const accepted = mail.acceptedAt.get(row.incident);
    if (acked === undefined || accepted === undefined) continue;
    parts.recordToAlert.push(row.alert.getTime() - acked);
    parts.alertToPage.push(row.attempt.getTime() - row.alert.getTime());
    parts.pageToMail.push(accepted - row.attempt.getTime());
    parts.recordToMail.push(accepted - acked);
  }
  console.log(
    JSON.stringify({
      log: KIND,
      eventsPerSecond: perSecond,
      injected,
      pagedIncidents: parts.recordToMail.length,
      ...Object.fromEntries(Object.entries(parts).map(([name, values]) => [`${name}Ms`, figures(values)])),
      slowestAckMs,
      serviceCores: Number(cpuShare.toFixed(2)),
      load: [loadBefore, os.loadavg()[0]].map((value) => Number(value.toFixed(1))),
      node: process.version,
      cpus: os.cpus().length,
    }),
  );
} finally {
  for (const step of undo.reverse()) await step();
}
