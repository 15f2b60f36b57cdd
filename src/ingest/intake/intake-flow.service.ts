import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Clock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { EventLog, type OutgoingMessage } from '../../platform/event-log/event-log.js';
import { siloTopic, type Stream } from '../../platform/event-log/topics.js';
import { traceHeaders } from '../../platform/tracing/tracing.js';
import { Admission, type Admitted, REQUEST_BYTES } from './admission.js';
import { intakeConfig } from './intake.config.js';
import * as refusal from './intake.errors.js';
import { IntakeMetrics } from './intake.metrics.js';
import type { Sendable } from './keep-together.js';
import { readBody } from './read-body.js';
import { MAX_ADDED_BYTES, MAX_BODY_BYTES } from './unit.js';

/** The log counts as silent when it has not acknowledged a body for so long. */
const LOG_SILENT_MS = 10_000;
const BURST_SECONDS = 10;

/** What is on its way from silos to the log: lets no more in than there is room for, and gives each silo its turn. */
@Injectable()
export class IntakeFlow {
  private readonly admission: Admission;
  private readonly bodyTimeoutMs: number;
  private readonly partitions = new Map<string, number>();
  private turn = 0;

  constructor(
    private readonly clock: Clock,
    private readonly eventLog: EventLog,
    private readonly metrics: IntakeMetrics,
    config: Config,
  ) {
    const settings = config.get(intakeConfig);
    this.bodyTimeoutMs = settings.INTAKE_BODY_SECONDS * 1000;
    const rate = settings.INTAKE_SILO_BYTES_PER_SECOND;
    this.admission = new Admission({
      bytesInFlight: settings.INTAKE_BYTES_IN_FLIGHT,
      // Room for a largest body, or it would be put off for ever.
      siloBytesInFlight: Math.max(
        settings.INTAKE_BYTES_IN_FLIGHT / 4,
        MAX_BODY_BYTES + MAX_ADDED_BYTES + REQUEST_BYTES,
      ),
      siloBytesPerSecond: rate,
      siloBurstBytes: rate * BURST_SECONDS,
      logSilentMs: LOG_SILENT_MS,
    });
  }

  /** Counts what `work` holds from before its body is known until it is done. Throws INTAKE_THROTTLED. */
  async during<T>(tenant: string, work: (admitted: Admitted) => Promise<T>): Promise<T> {
    const admitted = this.admission.begin(tenant, this.clock.nowMs());
    try {
      return await work(admitted);
    } finally {
      admitted.end();
      this.metrics.setInFlight(this.admission.bytesInFlight);
    }
  }

  /** The request's body, unpacked, which is charged to its silo. */
  async bodyOf(message: IncomingMessage, tenant: string, admitted: Admitted): Promise<Buffer> {
    const body = await readBody(message, {
      maxBytes: MAX_BODY_BYTES,
      timeoutMs: this.bodyTimeoutMs,
      onBytes: (count) => admitted.add(count),
    });
    this.metrics.setInFlight(this.admission.bytesInFlight);
    this.metrics.bytes.inc(body.length);
    this.charge(tenant, body.length);
    return body;
  }

  charge(tenant: string, bytes: number): void {
    this.admission.charge(tenant, bytes, this.clock.nowMs());
  }

  /** Those at fault go too, as far as the log can hold them: they become dead letters there, which can be replayed after a fix. */
  async append(tenant: string, stream: Stream, sendable: readonly Sendable[]): Promise<void> {
    const topic = siloTopic(tenant, stream);
    const traceparent = traceHeaders();
    const startedMs = this.clock.nowMs();
    if (sendable.length === 0) return;
    try {
      const partition = await this.nextPartition(topic);
      const messages = sendable.map(({ value, headers }): OutgoingMessage => {
        return { topic, partition, key: null, value, headers: { ...headers, ...traceparent } };
      });
      await this.admission.appending(
        tenant,
        () => this.clock.nowMs(),
        () => this.eventLog.append(messages),
      );
      this.metrics.appendSeconds.observe((this.clock.nowMs() - startedMs) / 1000);
    } catch (error) {
      this.partitions.delete(topic);
      throw error instanceof DomainError && error.code.startsWith('EVENT_LOG_') ? refusal.logUnavailable(error) : error;
    }
  }

  /** Bodies go to the partitions in turn; one body's records stay together and in order. */
  private async nextPartition(topic: string): Promise<number> {
    let count = this.partitions.get(topic);
    if (count === undefined) {
      count = (await this.eventLog.offsets(topic)).length;
      this.partitions.set(topic, count);
    }
    this.turn = (this.turn + 1) % 1_000_000;
    return this.turn % Math.max(1, count);
  }
}
