import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Log } from '../platform/logging/logging.js';
import { ServiceRoles } from '../platform/roles/service-roles.js';
import { SilenceWatch } from './silence-watch.service.js';

@Injectable()
export class SilenceScheduler {
  constructor(
    private readonly log: Log,
    private readonly roles: ServiceRoles,
    private readonly watch: SilenceWatch,
  ) {}

  @Interval(15_000)
  async look(): Promise<void> {
    if (!this.roles.has('correlate')) return;
    await this.watch
      .look()
      .catch((error: unknown) => this.log.warn({ event: 'silence.look_failed', error }, 'a look for silence failed'));
  }
}
