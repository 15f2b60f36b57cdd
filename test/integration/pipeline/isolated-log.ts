import {
  type AssignedOptions,
  EventLog,
  type GroupOptions,
  type LogReader,
  type LogRecord,
  type OutgoingMessage,
  type PartitionOffsets,
  type Position,
  type TopicInfo,
  type TopicSpec,
} from '../../../src/platform/event-log/event-log.js';

/** Gives a test Silowatch's own topics and groups to itself on a broker that tests share. A silo's topics are its own already. */
export class IsolatedLog extends EventLog {
  constructor(
    private readonly inner: EventLog,
    private readonly suffix: string,
  ) {
    super();
  }

  override ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.inner.ensureTopics(specs.map((spec) => ({ ...spec, name: this.out(spec.name) })));
  }
  override deleteTopics(names: readonly string[]): Promise<void> {
    return this.inner.deleteTopics(names.map((name) => this.out(name)));
  }
  override async listTopics(): Promise<readonly TopicInfo[]> {
    const topics = await this.inner.listTopics();
    const mayBeSeen = topics.filter(({ name }) => !name.startsWith('silowatch.') || name.endsWith(`.${this.suffix}`));
    return mayBeSeen.map((topic) => ({ ...topic, name: this.back(topic.name) }));
  }
  override offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.inner.offsets(this.out(topic));
  }
  override async append(messages: readonly OutgoingMessage[]): Promise<readonly Position[]> {
    const inner = messages.map((message) => ({ ...message, topic: this.out(message.topic) }));
    return (await this.inner.append(inner)).map((position) => ({ ...position, topic: this.back(position.topic) }));
  }
  override read(topic: string, partition: number, from: number, limit: number): Promise<readonly LogRecord[]> {
    return this.inner.read(this.out(topic), partition, from, limit);
  }
  override consume(options: GroupOptions): Promise<LogReader> {
    return this.inner.consume({ ...options, group: `${options.group}-${this.suffix}` });
  }
  override consumeAssigned(options: AssignedOptions): Promise<LogReader> {
    return this.inner.consumeAssigned({
      ...options,
      group: `${options.group}-${this.suffix}`,
      topic: this.out(options.topic),
      handler: (batch) => options.handler({ ...batch, topic: this.back(batch.topic) }),
    });
  }
  override weaknesses(): Promise<readonly string[]> {
    return this.inner.weaknesses();
  }
  override answers(): Promise<boolean> {
    return this.inner.answers();
  }
  override close(): Promise<void> {
    return this.inner.close();
  }

  private out(topic: string): string {
    return topic.startsWith('silowatch.') ? `${topic}.${this.suffix}` : topic;
  }
  private back(topic: string): string {
    return topic.startsWith('silowatch.') ? topic.slice(0, -(this.suffix.length + 1)) : topic;
  }
}
