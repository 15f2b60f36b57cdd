import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { announce } from '../../platform/live/live.js';
import { Log } from '../../platform/logging/logging.js';
import { IntakeTokenRepository } from '../../silos/intake-token.repository.js';
import type { IntakeCount } from './intake-count.js';
import { IntakeCountRepository, type SiloIntakeCount } from './intake-count.repository.js';

const WRITE_EVERY_MS = 5_000;

/** What became of what each silo sent, and when its tokens were used: kept for some seconds, which a crash may lose, and then added to the database. */
@Injectable()
export class IntakeCounts implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private counts = new Map<string, SiloIntakeCount>();
  private used = new Map<string, Date>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly log: Log,
    private readonly repository: IntakeCountRepository,
    private readonly tokens: IntakeTokenRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  add(tenant: string, counted: readonly IntakeCount[]): void {
    const lastAt = this.clock.now();
    for (const one of counted) this.put({ ...one, tenant, lastAt });
  }

  /** A request came with this token. */
  sawToken(id: string): void {
    this.used.set(id, this.clock.now());
  }

  /** Never rejects: what could not be written is written the next time. */
  async write(): Promise<void> {
    this.writing ??= this.writeNow().finally(() => (this.writing = undefined));
    await this.writing;
  }

  private async writeNow(): Promise<void> {
    const [counts, used] = [[...this.counts.values()], this.used];
    if (counts.length === 0 && used.size === 0) return;
    this.counts = new Map();
    this.used = new Map();
    try {
      await this.database.transaction(system('intake'), async (tx) => {
        await this.repository.add(tx, counts);
        await this.tokens.used(tx, used);
        await announce(tx, { topic: 'silo', id: 'all', tenants: [] });
      });
    } catch (error) {
      for (const count of counts) this.put(count);
      for (const [id, at] of used) if (!this.used.has(id)) this.used.set(id, at);
      this.log.warn({ event: 'intake.counts_not_written', error }, 'what silos sent is counted later');
    }
  }

  private put(one: SiloIntakeCount): void {
    const key = `${one.tenant} ${one.outcome} ${one.reason}`;
    const known = this.counts.get(key);
    const lastAt = known !== undefined && known.lastAt > one.lastAt ? known.lastAt : one.lastAt;
    this.counts.set(key, { ...one, count: one.count + (known?.count ?? 0), lastAt });
  }
}
