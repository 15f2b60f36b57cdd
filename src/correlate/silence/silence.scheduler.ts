import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Log } from '../../platform/logging/logging.js';
import { SilenceWatch } from './silence-watch.service.js';

/** Looks wherever sweeps run: what it goes by is in the database, whoever counted it. */
@Injectable()
export class SilenceScheduler {
  constructor(
    private readonly log: Log,
    private readonly watch: SilenceWatch,
  ) {}

  @Interval(15_000)
  async look(): Promise<void> {
    await this.watch
      .look()
      .catch((error: unknown) => this.log.warn({ event: 'silence.look_failed', error }, 'a look for silence failed'));
  }
}
