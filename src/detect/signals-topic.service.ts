import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { platformTopics } from '../platform/event-log/topics.js';
import { detectConfig } from './detect.config.js';

/** Silowatch's own topics. A signals topic with another partition count than configured stops the start: keys would move. */
@Injectable()
export class SignalsTopic {
  readonly partitions: number;
  private ready: Promise<void> | undefined;

  constructor(
    config: Config,
    private readonly eventLog: EventLog,
  ) {
    this.partitions = config.get(detectConfig).SIGNALS_PARTITIONS;
  }

  /** Makes the topics at the first call. */
  ensure(): Promise<void> {
    this.ready ??= this.eventLog.ensureTopics(platformTopics(this.partitions)).catch((error: unknown) => {
      this.ready = undefined;
      throw error;
    });
    return this.ready;
  }
}
