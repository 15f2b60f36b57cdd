import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutgoingMessage } from '../../src/platform/event-log/event-log.js';
import { startKafka, type RunningKafka } from '../harness/kafka.js';
import { requireJava, resolveJars } from '../harness/maven.js';
import { type FaultReport, reportOf } from './fault-report.js';
import { writeRules } from './rules.js';
import { freeze, Instance, kill, KillablePostgres, whileFrozen } from './servers.js';
import { surplus } from './picture.js';
import { expected, seeded, story, type Told } from './stories.js';
import { World } from './world.js';

/** What can be done at any moment, and to which several at once may happen. */
const SIMPLE_FAULTS = [
  'service killed',
  'broker killed',
  'Postgres killed',
  'service frozen',
  'broker frozen',
  'Postgres frozen',
] as const;
type SimpleFault = (typeof SIMPLE_FAULTS)[number];

export const FAULTS = [
  ...SIMPLE_FAULTS,
  'two of these at once',
  'instance added or removed',
  'rules changed',
  'silo removed and made anew',
  'silo made anew while all sleep',
  'signals resized',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultRunOptions {
  readonly seed: number;
  /** For how long faults are inflicted; without it each fault of the list once, in its order. */
  readonly seconds?: number;
  readonly faults: readonly Fault[];
  /** How long a frozen server stays so: beyond the group's session of 15 s, its partitions go to others and it wakes as a zombie. */
  readonly freezeMs: number;
  /** Folder that the service's logs are kept in; without it they are not. */
  readonly logs?: string;
  readonly say: (line: string) => void;
}

const TENANTS = ['harbor', 'mill', 'quarry'];
const REMADE = 'phoenix';
/** So long nothing may happen before it is not waited for any more. */
const PATIENCE_MS = 180_000;
/** Stories under way at a time, so that their records interleave, and what share of them is told on in a burst. */
const OPEN_STORIES = 12;
const TOLD_IN_A_BURST = 0.6;
const CALM_PARTITIONS = 6;
/** Between bursts: what a slow machine can follow, since faults count here and not speed. */
const PACE_MS = 1_000;

interface Telling {
  readonly parts: readonly (readonly OutgoingMessage[])[];
  next: number;
}

/**
 * Publishes stories while servers die around them, tells the same stories to an installation that nothing happens to, and says in what the
 * two differ.
 */
export class FaultRun {
  private readonly survived: Record<string, number> = {};
  /** When something that can cut a job off began and ended. */
  private readonly disturbances: { readonly fromMs: number; readonly toMs: number }[] = [];
  private readonly told: Told[] = [];
  private readonly random: () => number;
  private readonly chance: () => number;
  private readonly instances: Instance[] = [];
  private records = 0;
  private version = 0;
  private partitions = CALM_PARTITIONS;
  private isOver = false;
  private burstIsOut = (): void => undefined;

  private constructor(
    private readonly options: FaultRunOptions,
    private readonly folder: string,
    private readonly postgres: KillablePostgres,
    private readonly kafka: RunningKafka,
    private readonly shaken: World,
    private readonly calm: World,
  ) {
    this.random = seeded(options.seed);
    this.chance = seeded(options.seed + 1);
  }

  static async run(options: FaultRunOptions): Promise<FaultReport> {
    await requireJava();
    const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-faults-'));
    const { kafkaClassPath } = await resolveJars();
    const [postgres, kafka] = await Promise.all([
      KillablePostgres.start(path.join(folder, 'postgres')),
      startKafka(kafkaClassPath, path.join(folder, 'kafka')),
    ]);
    const rules = path.join(folder, 'rules');
    await mkdir(rules);
    await writeRules(rules, 0);
    const common = { folder, postgres, rules };
    const shaken = await World.make({ ...common, name: 'shaken', kafka: kafka.address });
    const calm = await World.make({ ...common, name: 'calm' });
    const run = new FaultRun(options, folder, postgres, kafka, shaken, calm);
    try {
      return await run.all();
    } finally {
      run.isOver = true;
      await Promise.all(run.instances.map((instance) => instance.stop()));
      await shaken.close();
      await calm.close();
      await kafka.server.stop();
      await run.postgres.server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async all(): Promise<FaultReport> {
    for (const world of [this.shaken, this.calm]) await world.addSilos([...TENANTS, REMADE]);
    this.instances.push(this.newInstance());
    // Faults at the very start find nothing to break.
    await this.untilNone(async () => {
      const rows = await this.shaken.query('select 1 from correlate_partitions');
      return rows.length === 0 ? ['its first partition'] : [];
    });
    const startedAt = Date.now();
    let isShaking = true;
    const publishing = this.publish(() => isShaking);
    for (const fault of this.plan(startedAt)) {
      await sleep(500 + this.chance() * 2_500);
      await this.somethingIsUnderWay();
      const fromMs = Date.now();
      await this.inflict(fault);
      this.disturbances.push({ fromMs, toMs: Date.now() });
      this.survived[fault] = (this.survived[fault] ?? 0) + 1;
      this.options.say(`${fault} (${((Date.now() - fromMs) / 1_000).toFixed(1)} s)`);
    }
    isShaking = false;
    await publishing;
    return this.settle();
  }

  private *plan(startedAt: number): Generator<Fault> {
    const { faults, seconds } = this.options;
    if (seconds === undefined) {
      yield* faults;
      return;
    }
    while (Date.now() < startedAt + seconds * 1_000) {
      const fault = faults[Math.floor(this.chance() * faults.length)];
      if (fault !== undefined) yield fault;
    }
  }

  private newInstance(): Instance {
    return new Instance(this.shaken.env(this.partitions), this.logFile(`instance-${this.instances.length + 1}`));
  }

  private logFile(name: string): string | undefined {
    const { logs } = this.options;
    return logs === undefined ? undefined : path.join(logs, `${name}.log`);
  }

  /** Tells the stories, several at a time, in bursts of parts in an order of chance. */
  private async publish(mayGoOn: () => boolean): Promise<void> {
    let open: Telling[] = [];
    while (mayGoOn() || open.length > 0) {
      if (this.isOver) return;
      while (mayGoOn() && open.length < OPEN_STORIES) open.push({ parts: story(this.begin(TENANTS)).parts, next: 0 });
      const burst: OutgoingMessage[] = [];
      for (const one of open) {
        if (this.random() > TOLD_IN_A_BURST) continue;
        burst.push(...(one.parts[one.next] ?? []));
        one.next += 1;
      }
      await this.append(burst);
      this.burstIsOut();
      open = open.filter(({ parts, next }) => next < parts.length);
      await sleep(PACE_MS);
    }
  }

  /** A moment at which records are on their way through the service; while the log takes none, any. */
  private async somethingIsUnderWay(): Promise<void> {
    await Promise.race([new Promise<void>((resolve) => (this.burstIsOut = resolve)), sleep(3_000)]);
    await sleep(this.chance() * 250);
  }

  private begin(tenants: readonly string[]): Told {
    const at = Math.floor(this.random() * tenants.length);
    const [tenant = '', other = ''] = [tenants[at], tenants[(at + 1) % tenants.length]];
    const told = { index: this.told.length, tenant, other, startMs: Math.floor(Date.now() / 1_000) * 1_000 };
    this.told.push(told);
    return told;
  }

  /**
   * Records whose answer was lost may be in the log already, and a second time would be twice: so they are looked for before they are sent
   * again. Those of one partition travel together, and arrive all or not at all.
   */
  private async append(messages: readonly OutgoingMessage[]): Promise<void> {
    const { log } = this.shaken;
    for (const topic of new Set(messages.map((message) => message.topic))) {
      const together = messages.filter((message) => message.topic === topic);
      for (let isDone = false; !isDone && !this.isOver;) {
        try {
          const before = (await log.offsets(topic))[0]?.end ?? 0;
          try {
            await log.append(together);
          } catch {
            await this.untilBrokerAnswers();
            const after = (await log.offsets(topic))[0]?.end ?? 0;
            // Nobody else writes there: they arrived if the log is longer.
            if (after === before) continue;
          }
          this.records += together.length;
          isDone = true;
        } catch {
          await sleep(300);
        }
      }
    }
  }

  private async untilBrokerAnswers(): Promise<void> {
    while (!(await this.shaken.log.answers())) await sleep(300);
    // What a frozen broker had taken in is written by then.
    await sleep(1_000);
  }

  private async inflict(fault: Fault): Promise<void> {
    switch (fault) {
      case 'two of these at once': {
        const two = [this.anyOf(SIMPLE_FAULTS), this.anyOf(SIMPLE_FAULTS)];
        await Promise.all([...new Set(two)].map((one) => this.inflictSimple(one)));
        break;
      }
      case 'instance added or removed':
        if (this.instances.length > 1) await this.instances.pop()?.stop();
        else this.instances.push(this.newInstance());
        break;
      case 'rules changed':
        this.version += 1;
        await writeRules(path.join(this.folder, 'rules'), this.version);
        break;
      case 'silo removed and made anew':
        await this.tellRemade(1);
        await this.remake();
        break;
      case 'silo made anew while all sleep':
        await this.tellRemade(1);
        // More than was told before, so that a position in the old topic is one in the new topic too.
        await whileFrozen(
          this.instances.map(({ pid }) => pid),
          async () => this.tell(2, () => this.remake()),
        );
        break;
      case 'signals resized':
        await this.resize();
        break;
      default:
        await this.inflictSimple(fault);
    }
  }

  private async inflictSimple(fault: SimpleFault): Promise<void> {
    const instance = this.anyOf(this.instances);
    const down = this.chance() * 2_500;
    const { freezeMs } = this.options;
    switch (fault) {
      case 'service killed':
        await instance.kill();
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
        await freeze(instance.pid, freezeMs);
        break;
      case 'broker frozen':
        await freeze(this.kafka.pid(), freezeMs / 2);
        break;
      case 'Postgres frozen':
        await freeze(await this.postgres.pid(), freezeMs / 2);
        break;
    }
  }

  private anyOf<T>(choices: readonly T[]): T {
    const chosen = choices[Math.floor(this.chance() * choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }

  /** Stories of a silo of its own, whose alerts are waited for before its topics go: what was never read would be lost by right. */
  private async tellRemade(count: number): Promise<void> {
    const told = await this.tell(count, () => Promise.resolve());
    await this.untilNone(() => this.missing(told));
  }

  private async tell(count: number, first: () => Promise<void>): Promise<readonly Told[]> {
    await first();
    const told = Array.from({ length: count }, () => this.begin([REMADE]));
    for (const one of told) for (const part of story(one).parts) await this.append(part);
    return told;
  }

  private async remake(): Promise<void> {
    await this.shaken.command('silo', 'remove', REMADE, '--yes');
    await this.shaken.command('silo', 'add', REMADE, '--shipper', 'none');
  }

  private async resize(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.stop()));
    const wanted = this.partitions === CALM_PARTITIONS ? CALM_PARTITIONS + 3 : CALM_PARTITIONS;
    await this.shaken.command('signals', 'resize', String(wanted), '--yes');
    this.partitions = wanted;
    for (const instance of this.instances) instance.again(this.shaken.env(wanted));
  }

  /** Polls until nothing is missing; gives up when no more comes of it for a while. Whether it was done. */
  private async untilNone(missing: () => Promise<readonly string[]>): Promise<boolean> {
    let least = Infinity;
    for (let deadline = Date.now() + PATIENCE_MS; Date.now() < deadline;) {
      const left = (await missing().catch(() => undefined))?.length ?? Infinity;
      if (left === 0) return true;
      if (left < least) deadline = Date.now() + PATIENCE_MS;
      least = Math.min(least, left);
      await sleep(700);
    }
    return false;
  }

  private async missing(told: readonly Told[], world = this.shaken): Promise<string[]> {
    const found = await world.picture(told);
    return expected(told).filter((line) => !found.some((found) => found.startsWith(`alert ${line} `)));
  }

  private async settle(): Promise<FaultReport> {
    const wanted = await this.tellCalm();
    await this.untilNone(async () => {
      const found = await this.shaken.picture(this.told);
      return [...surplus(wanted, found), ...surplus(found, wanted), ...(await this.shaken.unsentPages())];
    });
    // Whatever is yet to come double has come by then.
    await sleep(3_000);
    return reportOf({
      survived: this.survived,
      disturbances: this.disturbances,
      told: this.told,
      records: this.records,
      wanted,
      shaken: this.shaken,
      instances: this.instances,
    });
  }

  /** The picture of the same stories, moved to now, in an installation that nothing happens to. */
  private async tellCalm(): Promise<readonly string[]> {
    const shiftMs = Math.floor((Date.now() - (this.told.at(-1)?.startMs ?? 0)) / 1_000) * 1_000;
    const told = this.told.map((one) => ({ ...one, startMs: one.startMs + shiftMs }));
    await this.calm.log.append(told.flatMap((one) => story(one).parts.flat()));
    const instance = new Instance(this.calm.env(CALM_PARTITIONS), this.logFile('calm'));
    try {
      const missing = async (): Promise<string[]> => [
        ...(await this.missing(told, this.calm)),
        ...(await this.calm.unsentPages()),
      ];
      if (!(await this.untilNone(missing))) {
        throw new Error(`the undisturbed run did not find what the stories say: ${(await missing()).join('; ')}`);
      }
      // Until nothing more comes of it.
      for (let before = ''; ;) {
        await sleep(2_000);
        const now = await this.calm.picture(told);
        if (JSON.stringify(now) === before) return now;
        before = JSON.stringify(now);
      }
    } finally {
      await instance.stop();
    }
  }
}
