import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { EventLog, type LogReader } from '../platform/event-log/event-log.js';
import { parseSiloTopic } from '../platform/event-log/topics.js';
import { Log } from '../platform/logging/logging.js';
import { ServiceRoles } from '../platform/roles/service-roles.js';
import { ResultsService } from './results.service.js';

/** Reads every silo's results where jobs run. */
@Injectable()
export class ResultsConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private reader: LogReader | undefined;

  constructor(
    private readonly eventLog: EventLog,
    private readonly log: Log,
    private readonly roles: ServiceRoles,
    private readonly results: ResultsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.roles.has('respond')) return;
    this.reader = await this.eventLog.consume({
      group: 'silowatch-containment',
      groups: 4,
      topics: async () => {
        const all = await this.eventLog.listTopics();
        return all.map(({ name }) => name).filter((name) => parseSiloTopic(name)?.channel === 'results');
      },
      handler: async ({ topic, records }) => {
        const tenant = parseSiloTopic(topic)?.tenant;
        if (tenant === undefined) return;
        for (const { value } of records) await this.results.take(tenant, value);
      },
      onFailure: ({ topic, error }) =>
        this.log.warn({ event: 'containment.results_stopped', topic, error }, 'results wait for a retry'),
      onOutOfRange: ({ start }) => Promise.resolve(start),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.reader?.close();
    this.reader = undefined;
  }
}
