import { v7 as uuidv7 } from 'uuid';
import type { EventLog } from '../../platform/event-log/event-log.js';
import { AccountTakeover } from './account-takeover.js';
import { Chance } from './chance.js';
import { OfficeDay } from './office-day.js';
import { AuditTrail, type RawRecord } from './records.js';
import { populate, type SampleSilo } from './world.js';

export interface SimulatorOptions {
  readonly silos: readonly { readonly tenant: string; readonly name: string }[];
  readonly seed: number;
  readonly now: () => number;
  /** Mean time between two ordinary actions in one silo, ms. */
  readonly meanMs: number;
  /** People in one silo; 8 unless told. */
  readonly people?: number;
  /** The log has taken so many records. */
  readonly onAppended?: (records: number) => void;
  readonly onFault: (error: unknown) => void;
}

interface LivingSilo {
  readonly silo: SampleSilo;
  readonly trail: AuditTrail;
  readonly day: OfficeDay;
  attack: AccountTakeover | undefined;
}

const TICK_MS = 250;
const PEOPLE = 8;

/** Lets the sample silos live: every tick, what happened in them since the last one goes onto their topics. */
export class Simulator {
  readonly #options: SimulatorOptions;
  readonly #log: EventLog;
  readonly #chance: Chance;
  readonly #silos: ReadonlyMap<string, LivingSilo>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(log: EventLog, options: SimulatorOptions) {
    this.#log = log;
    this.#options = options;
    this.#chance = new Chance(options.seed);
    const startMs = options.now();
    this.#silos = new Map(
      options.silos.map(({ tenant, name }, index) => {
        const silo = populate(tenant, name, index, options.people ?? PEOPLE, this.#chance);
        const trail = new AuditTrail(tenant, uuidv7);
        const day = new OfficeDay(silo, trail, new Chance(options.seed + index + 1), startMs, options.meanMs);
        return [tenant, { silo, trail, day, attack: undefined }] as const;
      }),
    );
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#tick()).catch(this.#options.onFault);
    }, TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Starts the attack on one silo; returns the account that falls. */
  attack(tenant: string): { readonly email: string } {
    const living = this.#living(tenant);
    const startMs = this.#options.now();
    living.attack = new AccountTakeover(living.silo, living.trail, this.#chance, startMs);
    return { email: living.attack.victim.email };
  }

  /** What the silo's agent does on `session.revoke`. Revoking one that had ended is recorded as well: it is certain now that it is dead. */
  async revokeSession(tenant: string, session: string): Promise<void> {
    const living = this.#living(tenant);
    living.attack?.endSession(session);
    living.day.endSession(session);
    await this.#recordDone(living, 'session.revoke', { type: 'session', id: session });
  }

  /** What the silo's agent does on `address.block`. */
  async blockAddress(tenant: string, address: string): Promise<void> {
    const living = this.#living(tenant);
    living.attack?.block(address);
    await this.#recordDone(living, 'firewall.block', { type: 'address', id: address });
  }

  async #recordDone(living: LivingSilo, action: string, target: { type: string; id: string }): Promise<void> {
    const actor = { type: 'service', id: 'silowatch-agent' } as const;
    await this.#append([living.trail.record(this.#options.now(), { action, outcome: 'success', actor, target })]);
  }

  #living(tenant: string): LivingSilo {
    const living = this.#silos.get(tenant);
    if (living === undefined) throw new Error(`no sample silo ${tenant}`);
    return living;
  }

  async #tick(): Promise<void> {
    const nowMs = this.#options.now();
    const records: RawRecord[] = [];
    for (const living of this.#silos.values()) {
      records.push(...living.day.until(nowMs), ...(living.attack?.until(nowMs) ?? []));
      if (living.attack?.isOver === true) living.attack = undefined;
    }
    await this.#append(records);
  }

  async #append(records: readonly RawRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#log.append(
      records.map(({ tenant, stream, raw }) => ({
        topic: `silo.${tenant}.${stream}`,
        partition: 0,
        key: null,
        value: raw,
        headers: { format: stream === 'access' ? 'combined' : 'silowatch-audit' },
      })),
    );
    this.#options.onAppended?.(records.length);
  }
}
