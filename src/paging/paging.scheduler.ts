import { Injectable } from '@nestjs/common';
import { Cron, CronExpression, Interval } from '@nestjs/schedule';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Log } from '../platform/logging/logging.js';
import { EscalationService } from './escalation.service.js';
import { PageSender } from './page-sender.service.js';
import { PageRepository } from './page.repository.js';

const SWEEP_MS = 2_000;
const STUCK_SWEEP_MS = 15_000;

/** Wakes the escalations; all that is due is decided in the database. */
@Injectable()
export class PagingScheduler {
  #isSweeping = false;

  constructor(
    private readonly escalation: EscalationService,
    private readonly sender: PageSender,
    private readonly pages: PageRepository,
    private readonly database: Database,
    private readonly log: Log,
  ) {}

  @Interval(SWEEP_MS)
  async sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    try {
      while (await this.escalation.sweep());
    } catch (error) {
      this.log.error({ event: 'page.sweep_failed', error }, 'escalations could not be looked at');
    } finally {
      this.#isSweeping = false;
    }
  }

  @Interval(STUCK_SWEEP_MS)
  async sendStuck(): Promise<void> {
    try {
      await this.sender.sendStuck();
    } catch (error) {
      this.log.error({ event: 'page.stuck_failed', error }, 'pages that the queue left lying could not be sent');
    }
  }

  @Cron(CronExpression.EVERY_HOUR)
  async forgetTokens(): Promise<void> {
    try {
      await this.database.transaction(system('paging'), (tx) => this.pages.deleteExpiredTokens(tx));
    } catch (error) {
      this.log.warn({ event: 'page.tokens_kept', error }, 'expired links could not be deleted');
    }
  }
}
