import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from './clock/clock.js';
import { Config } from './config/config.js';
import { Database } from './database/database.js';
import { EventLog } from './event-log/event-log.js';
import { Ids } from './ids/ids.js';
import { JobRunner } from './jobs/job-runner.js';
import { Log } from './logging/logging.js';
import { Metrics } from './metrics/metrics.js';

/** What every room may inject. The instances are made before Nest starts, so that a wrong setting stops the start with one line. */
export interface Platform {
  readonly clock: Clock;
  readonly config: Config;
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly ids: Ids;
  readonly jobs: JobRunner;
  readonly log: Log;
  readonly metrics: Metrics;
}

@Global()
@Module({})
export class PlatformModule {
  static of(platform: Platform): DynamicModule {
    const providers = [
      { provide: Clock, useValue: platform.clock },
      { provide: Config, useValue: platform.config },
      { provide: Database, useValue: platform.database },
      { provide: EventLog, useValue: platform.eventLog },
      { provide: Ids, useValue: platform.ids },
      { provide: JobRunner, useValue: platform.jobs },
      { provide: Log, useValue: platform.log },
      { provide: Metrics, useValue: platform.metrics },
    ];
    return { module: PlatformModule, providers, exports: providers };
  }
}
