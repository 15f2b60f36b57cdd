import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Log } from '../platform/logging/logging.js';
import { SessionRepository } from './session.repository.js';
import { AttemptCounterRepository } from './attempt-counter.repository.js';
import { TrailSealer } from './trail-sealer.service.js';

/** Seals the trail each second and forgets ended sessions. */
@Injectable()
export class AccessScheduler {
  private isSealing = false;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
    private readonly sealer: TrailSealer,
    private readonly sessions: SessionRepository,
    private readonly counters: AttemptCounterRepository,
  ) {}

  @Interval(1_000)
  async seal(): Promise<void> {
    if (this.isSealing) return;
    this.isSealing = true;
    await this.logged('trail.seal_failed', () => this.sealer.seal());
    this.isSealing = false;
  }

  @Interval(60_000)
  async forgetEnded(): Promise<void> {
    await this.logged('session.sweep_failed', () =>
      this.database.transaction(system('sign-in'), async (tx) => {
        await this.sessions.deleteEnded(tx);
        await this.counters.deleteEnded(tx);
      }),
    );
  }

  private async logged(event: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log.error({ event, error }, 'sweep failed; it is tried again');
    }
  }
}
