import { headerText, type LogRecord } from '../platform/event-log/event-log.js';
import { openSpan, type OpenSpan } from '../platform/tracing/tracing.js';

/** Records of one batch whose signals are traced: a flood of matches is not to become a flood of spans. */
const MOST_RECORDS = 100;

export interface TracedSource {
  readonly topic: string;
  readonly partition: number;
  readonly tenant: string;
  readonly nowMs: number;
}

/**
 * Traces of the records in a batch that gave signals. Each begins with its record's arrival in the log. The writer's own `traceparent`
 * header is linked and not continued: a silo does not decide what is seen of it.
 */
export class RecordTraces {
  readonly #source: TracedSource;
  readonly #open: OpenSpan[] = [];
  #record: { readonly offset: number; readonly span: OpenSpan } | undefined;
  #records = 0;

  constructor(source: TracedSource) {
    this.#source = source;
  }

  /** The `traceparent` that a signal of this record carries; undefined when it is not traced. */
  signal(record: LogRecord, rule: string, consumer: string): string | undefined {
    const parent = this.#spanOf(record);
    if (parent === undefined) return undefined;
    const signal = openSpan(
      'signal',
      { 'silowatch.rule.id': rule, 'silowatch.consumer': consumer },
      { parent: parent.headers },
    );
    this.#open.push(signal);
    return signal.headers['traceparent'];
  }

  /** The log has acknowledged the signals, or they failed and will be made again. */
  end(): void {
    for (const span of this.#open.splice(0).reverse()) span.end();
  }

  #spanOf(record: LogRecord): OpenSpan | undefined {
    if (this.#record?.offset === record.offset) return this.#record.span;
    if (this.#records >= MOST_RECORDS) return undefined;
    this.#records += 1;
    const { topic, partition, tenant, nowMs } = this.#source;
    const writers = headerText(record, 'traceparent');
    const span = openSpan(
      'record',
      {
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.kafka.offset': record.offset,
        'silowatch.silo': tenant,
      },
      {
        startMs: Math.min(record.timestampMs, nowMs),
        ...(writers === undefined ? {} : { link: { traceparent: writers } }),
      },
    );
    this.#open.push(span);
    this.#record = { offset: record.offset, span };
    return span;
  }
}
