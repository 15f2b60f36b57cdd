import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readDeadLetter } from '../../src/ingest/dead-letter.js';
import { Secret } from '../../src/platform/config/secret.js';
import { migrateUp } from '../../src/platform/database/migrate.js';
import type { EventLog, OutgoingMessage } from '../../src/platform/event-log/event-log.js';
import { KafkaEventLog } from '../../src/platform/event-log/kafka/kafka-event-log.js';
import { DEAD_LETTERS_TOPIC } from '../../src/platform/event-log/topics.js';
import { PinoLog } from '../../src/platform/logging/logging.js';
import { startKafka, type RunningKafka } from '../harness/kafka.js';
import { requireJava, resolveJars } from '../harness/maven.js';
import { CHAIN, FLEET, RULES, writeRules } from './rules.js';
import { CountingMailServer, freeze, Instance, kill, KillablePostgres, runCommand } from './servers.js';
import { seeded, type Story, story } from './stories.js';

export const FAULTS = [
  'service killed',
  'broker killed',
  'Postgres killed',
  'service frozen',
  'broker frozen',
  'Postgres frozen',
  'instance added or removed',
  'rules changed',
  'silo removed and made anew',
  'signals resized',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultRunOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Which faults, in turn of chance; the short run leaves out what takes longer than it may. */
  readonly faults: readonly Fault[];
  /** How long a frozen server stays so: beyond the group's session of 15 s in a long run. */
  readonly freezeMs: number;
  readonly say: (line: string) => void;
}

export interface FaultReport {
  readonly survived: Readonly<Record<string, number>>;
  readonly records: number;
  readonly stories: number;
  /** Expected and not found, and found without being expected (or twice), each as a line. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly mails: number;
  /** Message-IDs that arrived more than once: jobs in flight when something died. */
  readonly mailRepeats: number;
  readonly crashes: number;
  readonly warnings: readonly string[];
}

const TENANTS = ['harbor', 'mill', 'quarry'];
const REMADE = 'phoenix';
const SETTLE_MS = 120_000;
/** Rules whose alerts the stories know; those that only feed them alert besides. */
const COUNTED = [RULES.probe, RULES.many, CHAIN, FLEET];

/** Publishes stories while servers die around them, and at the end compares what there is with what the stories say. */
export class FaultRun {
  private readonly survived: Record<string, number> = {};
  private readonly stories: Story[] = [];
  private readonly random: () => number;
  private readonly chance: () => number;
  private readonly instances: Instance[] = [];
  private records = 0;
  private version = 0;
  private partitions = 6;
  private isOver = false;
  private log!: EventLog;

  private constructor(
    private readonly options: FaultRunOptions,
    private readonly folder: string,
    private readonly postgres: KillablePostgres,
    private readonly kafka: RunningKafka,
    private readonly mail: CountingMailServer,
  ) {
    this.random = seeded(options.seed);
    this.chance = seeded(options.seed + 1);
  }

  static async run(options: FaultRunOptions): Promise<FaultReport> {
    await requireJava();
    const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-faults-'));
    const { kafkaClassPath } = await resolveJars();
    const [postgres, kafka, mail] = await Promise.all([
      KillablePostgres.start(path.join(folder, 'postgres')),
      startKafka(kafkaClassPath, path.join(folder, 'kafka')),
      CountingMailServer.start(),
    ]);
    const run = new FaultRun(options, folder, postgres, kafka, mail);
    try {
      return await run.all();
    } finally {
      run.isOver = true;
      await Promise.all(run.instances.map((instance) => instance.stop()));
      await run.log.close();
      await mail.close();
      await kafka.server.stop();
      await postgres.server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async all(): Promise<FaultReport> {
    await this.prepare();
    this.instances.push(new Instance(this.env()));
    await sleep(4_000);
    const deadline = Date.now() + this.options.seconds * 1_000;
    const publishing = this.publish(() => Date.now() < deadline);
    while (Date.now() < deadline) {
      await sleep(500 + this.chance() * 2_500);
      const fault = this.options.faults[Math.floor(this.chance() * this.options.faults.length)] ?? 'service killed';
      const startedAt = Date.now();
      await this.inflict(fault);
      this.survived[fault] = (this.survived[fault] ?? 0) + 1;
      this.options.say(`${fault} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
    }
    await publishing;
    return this.settle();
  }

  private async prepare(): Promise<void> {
    await this.postgres.server.ensureDatabase('silowatch');
    await migrateUp(this.postgres.server.urls('silowatch'));
    const { brokers, username, password } = this.kafka.address;
    const credentials = { username, password: new Secret(password) };
    this.log = new KafkaEventLog({ brokers: [brokers], credentials }, new PinoLog('silent'));
    await mkdir(path.join(this.folder, 'rules'));
    await writeRules(path.join(this.folder, 'rules'), 0);
    for (const tenant of [...TENANTS, REMADE]) await this.command('silo', 'add', tenant, '--shipper', 'none');
    await this.query(
      `insert into staff (id, email, name, state, roles, created_at)
       values ($1, 'on-call@faults.example', 'On call', 'active', '{responder}', now())`,
      [randomUUID()],
    );
  }

  private env(): NodeJS.ProcessEnv {
    const { serviceUrl, workerUrl } = this.postgres.server.urls('silowatch');
    const { brokers, username, password } = this.kafka.address;
    return {
      PATH: process.env['PATH'],
      PORT: '0',
      SILOWATCH_DATA: path.join(this.folder, 'data'),
      DATABASE_URL: serviceUrl,
      DATABASE_WORKER_URL: workerUrl,
      SMTP_URL: `smtp://127.0.0.1:${this.mail.port}`,
      KAFKA_BROKERS: brokers,
      KAFKA_USERNAME: username,
      KAFKA_PASSWORD: password,
      KAFKA_ALLOW_UNREPLICATED: 'true',
      RULES_DIRS: path.join(this.folder, 'rules'),
      SIGNALS_PARTITIONS: String(this.partitions),
      DETECT_GROUPS: '2',
    };
  }

  private async command(...args: string[]): Promise<void> {
    const { status, text } = await runCommand(this.env(), ...args);
    if (status !== 0) throw new Error(`silowatch ${args.join(' ')} ended with ${status}: ${text}`);
  }

  /** Tells the stories, several at a time, part by part in an order of chance. */
  private async publish(mayGoOn: () => boolean): Promise<void> {
    let open: { readonly told: Story; next: number }[] = [];
    while (mayGoOn() || open.length > 0) {
      if (this.isOver) return;
      if (mayGoOn() && open.length < 6) {
        const told = story(this.stories.length, TENANTS, this.random, Date.now());
        this.stories.push(told);
        open.push({ told, next: 0 });
      }
      const one = open[Math.floor(this.random() * open.length)];
      const part = one?.told.parts[one.next];
      if (one !== undefined && part !== undefined) {
        await this.append(part);
        one.next += 1;
      }
      open = open.filter(({ told, next }) => next < told.parts.length);
      await sleep(60);
    }
  }

  /** A record whose answer was lost may be in the log twice: only what is sent again under other faults could double, so it is told apart. */
  private async append(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const message of messages) {
      const { topic, partition } = message;
      for (;;) {
        try {
          const before = (await this.log.offsets(topic))[partition]?.end ?? 0;
          try {
            await this.log.append([message]);
          } catch {
            await this.untilAnswers();
            const after = (await this.log.offsets(topic))[partition]?.end ?? 0;
            // Nobody else writes there: it arrived if the log is longer.
            if (after === before) continue;
          }
          this.records += 1;
          break;
        } catch {
          await sleep(300);
        }
      }
    }
  }

  private async untilAnswers(): Promise<void> {
    while (!(await this.log.answers())) await sleep(300);
    // What a frozen broker had taken in is written by then.
    await sleep(1_000);
  }

  private async inflict(fault: Fault): Promise<void> {
    const instance = this.instances[Math.floor(this.chance() * this.instances.length)];
    const down = this.chance() * 2_500;
    const { freezeMs } = this.options;
    switch (fault) {
      case 'service killed':
        await instance?.kill();
        break;
      case 'broker killed':
        kill(this.kafka.pid());
        await sleep(down);
        await this.kafka.restart();
        break;
      case 'Postgres killed':
        await this.postgres.killAndStart(down);
        break;
      case 'service frozen':
        if (instance !== undefined) await freeze(instance.pid, freezeMs);
        break;
      case 'broker frozen':
        await freeze(this.kafka.pid(), freezeMs / 2);
        break;
      case 'Postgres frozen':
        await freeze(await this.postgres.pid(), freezeMs / 2);
        break;
      case 'instance added or removed':
        if (this.instances.length > 1) await this.instances.pop()?.stop();
        else this.instances.push(new Instance(this.env()));
        break;
      case 'rules changed':
        this.version += 1;
        await writeRules(path.join(this.folder, 'rules'), this.version);
        break;
      case 'silo removed and made anew':
        await this.remake();
        break;
      case 'signals resized':
        await this.resize();
        break;
    }
  }

  /** A silo of its own, whose records are counted before its topics go: what was never read would be lost by right. */
  private async remake(): Promise<void> {
    const told = story(this.stories.length, [REMADE], this.random, Date.now());
    this.stories.push(told);
    for (const part of told.parts) await this.append(part);
    await this.until(async () => (await this.missing([told])).length === 0);
    await this.command('silo', 'remove', REMADE, '--yes');
    await this.command('silo', 'add', REMADE, '--shipper', 'none');
  }

  private async resize(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.stop()));
    const wanted = this.partitions === 6 ? 9 : 6;
    await this.command('signals', 'resize', String(wanted), '--yes');
    this.partitions = wanted;
    for (const instance of this.instances) instance.again(this.env());
  }

  private async until(isDone: () => Promise<boolean>): Promise<boolean> {
    const deadline = Date.now() + SETTLE_MS;
    while (Date.now() < deadline) {
      if (await isDone().catch(() => false)) return true;
      await sleep(500);
    }
    return false;
  }

  private async query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.postgres.server.superuserUrl('silowatch') });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Alerts of our rules as `address tenant rule count`. */
  private async alerts(): Promise<string[]> {
    const rows = await this.query<{ line: string }>(
      `select concat_ws(' ', host((e->>'value')::inet), tenant_id, rule_id, count) as line
       from alerts, lateral (select e from jsonb_array_elements(entities) e where e->>'kind' = 'ip' limit 1) as one
       where rule_id = any($1)`,
      [COUNTED],
    );
    return rows.map(({ line }) => line);
  }

  private async missing(stories: readonly Story[]): Promise<string[]> {
    const found = new Set(await this.alerts());
    return expected(stories).filter((line) => !found.has(line));
  }

  private async settle(): Promise<FaultReport> {
    const all = expected(this.stories);
    await this.until(async () => {
      const [missing, mailless] = [await this.missing(this.stories), await this.mailless()];
      return missing.length === 0 && mailless.length === 0;
    });
    // Whatever is yet to come double has come by then.
    await sleep(3_000);
    const found = await this.alerts();
    const poison = await this.lostPoison();
    const incidents = await this.incidentFaults();
    const unexpected = found.filter((line, i) => !all.includes(line) || found.indexOf(line) !== i);
    return {
      survived: this.survived,
      records: this.records,
      stories: this.stories.length,
      lost: [
        ...all.filter((line) => !found.includes(line)).map((line) => `alert ${line}`),
        ...poison.map((text) => `dead letter ${text}`),
        ...(await this.mailless()).map((id) => `mail of page attempt ${id}`),
        ...incidents.lost,
      ],
      doubled: [...unexpected.map((line) => `alert ${line}`), ...incidents.doubled],
      mails: this.mail.seen.size,
      mailRepeats: [...this.mail.seen.values()].filter((times) => times > 1).length,
      crashes: this.instances.reduce((sum, { restarts }) => sum + restarts, 0),
      warnings: [...new Set(this.instances.flatMap(({ warnings }) => warnings))],
    };
  }

  private async lostPoison(): Promise<string[]> {
    const found = new Set<string>();
    for (const { partition, start, end } of await this.log.offsets(DEAD_LETTERS_TOPIC)) {
      for (let from = start; from < end;) {
        const records = await this.log.read(DEAD_LETTERS_TOPIC, partition, from, 1_000);
        for (const record of records) {
          if (readDeadLetter(record)?.stage === 'detect') found.add(record.value?.toString('utf8') ?? '');
        }
        from = (records.at(-1)?.offset ?? end) + 1;
      }
    }
    return this.stories.flatMap(({ poison }) => poison).filter((text) => !found.has(text));
  }

  /** Page attempts that no mail came of. */
  private async mailless(): Promise<string[]> {
    const rows = await this.query<{ id: string }>(`select id from page_attempts`);
    const sent = [...this.mail.seen.keys()].join(' ');
    return rows.map(({ id }) => id).filter((id) => !sent.includes(id));
  }

  /** What there is of an address, for whoever reads the report. */
  private async describe(address: string): Promise<string> {
    const rows = await this.query(
      `select a.rule_id, a.first_event_at, a.last_event_at, a.created_at, a.incident_id, i.opened_at
       from alerts a join incidents i on i.id = a.incident_id where a.rule_id = any($2) and exists (
         select 1 from jsonb_array_elements(a.entities) e where e->>'value' = $1)`,
      [address, COUNTED],
    );
    return JSON.stringify(rows);
  }

  /** Each story is one incident for each silo in it, and each incident was paged once when it opened. */
  private async incidentFaults(): Promise<{ lost: string[]; doubled: string[] }> {
    const rows = await this.query<{ address: string; incidents: string; opened: string }>(
      `select x.address, count(distinct x.incident_id) as incidents, count(distinct p.id) as opened
       from (select host((e->>'value')::inet) as address, a.incident_id from alerts a, jsonb_array_elements(a.entities) e
             where e->>'kind' = 'ip' and a.rule_id = any($1) and a.incident_id is not null) x
       left join pages p on p.incident_id = x.incident_id and p.cause = 'opened' group by x.address`,
      [COUNTED],
    );
    const byAddress = new Map(rows.map((row) => [row.address, row]));
    const lost: string[] = [];
    const doubled: string[] = [];
    for (const { address, alerts, tenants } of this.stories) {
      if (alerts.length === 0) continue;
      const wanted = tenants.length;
      const { incidents = '0', opened = '0' } = byAddress.get(address) ?? {};
      if (Number(incidents) < wanted) lost.push(`incident of ${address}`);
      if (Number(incidents) > wanted) doubled.push(`incident of ${address}: ${await this.describe(address)}`);
      if (Number(opened) < wanted) lost.push(`page of ${address}`);
      if (Number(opened) > wanted) doubled.push(`page of ${address}`);
    }
    return { lost, doubled };
  }
}

const expected = (stories: readonly Story[]): string[] =>
  stories.flatMap(({ address, alerts }) => alerts.map((alert) => `${address} ${alert}`));
