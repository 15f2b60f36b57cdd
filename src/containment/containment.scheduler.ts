import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Log } from '../platform/logging/logging.js';
import { DispatchService } from './dispatch.service.js';
import { VerificationService } from './verification.service.js';

@Injectable()
export class ContainmentScheduler {
  readonly #running = new Set<string>();

  constructor(
    private readonly dispatch: DispatchService,
    private readonly verification: VerificationService,
    private readonly log: Log,
  ) {}

  @Interval(1_000)
  verify(): Promise<void> {
    return this.#once('containment.verification_failed', async () => {
      while ((await this.verification.sweep()) > 0);
    });
  }

  @Interval(5_000)
  noteSilence(): Promise<void> {
    return this.#once('containment.silence_failed', async () => {
      await this.dispatch.sweep();
    });
  }

  /** A sweep that is still under way is not started beside itself. */
  async #once(event: string, sweep: () => Promise<void>): Promise<void> {
    if (this.#running.has(event)) return;
    this.#running.add(event);
    try {
      await sweep();
    } catch (error) {
      this.log.warn({ event, error }, 'a sweep over containment failed; the next one tries again');
    } finally {
      this.#running.delete(event);
    }
  }
}
