import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Clock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { EventLog, type OutgoingMessage } from '../../platform/event-log/event-log.js';
import { STREAMS, siloTopic, type Stream } from '../../platform/event-log/topics.js';
import { note, span, traceHeaders } from '../../platform/tracing/tracing.js';
import { FORMAT_NAMES } from '../formats/parsed-record.js';
import type { ParseOptions } from '../formats/parse-record.js';
import { SourceDirectory } from '../source-directory.service.js';
import { Admission, type Admitted, REQUEST_BYTES } from './admission.js';
import { tokenOf } from './authorization.js';
import { mediaTypeOf } from './media-type.js';
import { intakeConfig } from './intake.config.js';
import * as refusal from './intake.errors.js';
import { countRecords, countRefusal } from './intake-count.js';
import { IntakeCounts } from './intake-counts.service.js';
import { IntakeMetrics } from './intake.metrics.js';
import { IntakeDirectory } from './intake-directory.service.js';
import { keepTogether, type Sendable } from './keep-together.js';
import { type PreparedUnit, prepareUnits } from './prepare-unit.js';
import { readBody } from './read-body.js';
import { type IntakeOutcome, uselessness, unitsOf } from './outcome.js';
import { inTurns } from './turns.js';
import { MAX_ADDED_BYTES, MAX_BODY_BYTES, type ReadBody, type Reading, type Unit, type UnitFault } from './unit.js';

/** One way in which bodies carry records. */
export interface IntakeForm {
  readonly name: 'lines' | 'otlp' | 'bulk' | 'hec';
  read(body: Buffer, mediaType: string, query: Readonly<Record<string, unknown>>): ReadBody | Reading;
}

export interface IntakeRequest {
  readonly stream: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly message: IncomingMessage;
}

interface Usable {
  readonly prepared: readonly PreparedUnit[];
  readonly sendable: readonly Sendable[];
}

/** The log counts as silent when it has not acknowledged a body for so long. */
const LOG_SILENT_MS = 10_000;
const BURST_SECONDS = 10;

/** Takes bodies from silos to the log, and answers only when the log has acknowledged them. */
@Injectable()
export class IntakeService {
  private readonly admission: Admission;
  private readonly bodyTimeoutMs: number;
  private readonly partitions = new Map<string, number>();
  private turn = 0;

  constructor(
    private readonly clock: Clock,
    private readonly counts: IntakeCounts,
    private readonly eventLog: EventLog,
    private readonly directory: IntakeDirectory,
    private readonly sources: SourceDirectory,
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

  /** The tenant that the request's token speaks for; throws INTAKE_TOKEN_REFUSED. */
  async tenantOf(message: IncomingMessage): Promise<string> {
    const tenant = await this.directory.tenantOf(tokenOf(message.headers.authorization));
    if (tenant === undefined) throw refusal.tokenRefused();
    return tenant;
  }

  /** Throws a DomainError of this room when nothing was taken. */
  async take(request: IntakeRequest, form: IntakeForm): Promise<IntakeOutcome> {
    try {
      const outcome = await span('intake.request', { 'silowatch.form': form.name }, () => this.taken(request, form));
      this.metrics.requests.inc({ form: form.name, outcome: 'taken' });
      return outcome;
    } catch (error) {
      const isThrottled = error instanceof DomainError && error.code === 'INTAKE_THROTTLED';
      this.metrics.requests.inc({ form: form.name, outcome: isThrottled ? 'throttled' : 'refused' });
      throw error;
    }
  }

  private async taken(request: IntakeRequest, form: IntakeForm): Promise<IntakeOutcome> {
    const tenant = await this.tenantOf(request.message);
    let admitted: Admitted | undefined;
    try {
      const stream = STREAMS.find((known) => known === request.stream);
      if (stream === undefined) throw refusal.unknownStream();
      note({ 'silowatch.tenant': tenant, 'silowatch.stream': stream });
      admitted = this.admission.begin(tenant, this.clock.nowMs());
      return await this.admittedBody(tenant, stream, request, form, admitted);
    } catch (error) {
      this.countRefused(tenant, error);
      throw error;
    } finally {
      admitted?.end();
      this.metrics.setInFlight(this.admission.bytesInFlight);
    }
  }

  private async admittedBody(
    tenant: string,
    stream: Stream,
    request: IntakeRequest,
    form: IntakeForm,
    admitted: Admitted,
  ): Promise<IntakeOutcome> {
    const format = formatOf(request.query['format']);
    const body = await readBody(request.message, {
      maxBytes: MAX_BODY_BYTES,
      timeoutMs: this.bodyTimeoutMs,
      onBytes: (count) => admitted.add(count),
    });
    this.metrics.setInFlight(this.admission.bytesInFlight);
    this.metrics.bytes.inc(body.length);
    this.admission.charge(tenant, body.length, this.clock.nowMs());
    const read = form.read(body, mediaTypeOf(request.message), request.query);
    const units = unitsOf('ok' in read ? read : await inTurns(read));
    const options: ParseOptions = {
      arrivalMs: this.clock.nowMs(),
      settings: this.sources.find(siloTopic(tenant, stream))?.settings ?? {},
      ...(format === undefined ? {} : { format }),
    };
    const { prepared, sendable } = await this.prepared(tenant, units, { bodyBytes: body.length, admitted, options });
    note({ 'silowatch.records': units.length });
    const outcome = { units, faults: prepared.map(({ fault }) => fault) };
    await this.append(tenant, stream, sendable);
    this.count(tenant, stream, outcome.faults);
    this.counts.add(tenant, countRecords(prepared));
    const useless = uselessness(outcome);
    if (useless !== undefined) throw useless;
    return outcome;
  }

  /** What records hold beyond their body counts as the body does, and so does what is written to keep some together. Throws INTAKE_RECORDS_TOO_LARGE. */
  private async prepared(
    tenant: string,
    units: readonly Unit[],
    { bodyBytes, admitted, options }: { bodyBytes: number; admitted: Admitted; options: ParseOptions },
  ): Promise<Usable> {
    let countedBytes = 0;
    const count = (addedBytes: number): void => {
      admitted.add(addedBytes - countedBytes);
      countedBytes = addedBytes;
    };
    const result = await inTurns(prepareUnits(units, bodyBytes, options), count);
    this.admission.charge(tenant, countedBytes, this.clock.nowMs());
    if (!result.ok) throw refusal.recordsTooLarge(MAX_ADDED_BYTES);
    const { prepared, addedBytes } = result;
    const keeping = keepTogether(prepared, MAX_ADDED_BYTES - addedBytes);
    return { prepared, sendable: await inTurns(keeping, (keptBytes) => count(addedBytes + keptBytes)) };
  }

  /** Those at fault go too, as far as the log can hold them: they become dead letters there, which can be replayed after a fix. */
  private async append(tenant: string, stream: Stream, sendable: readonly Sendable[]): Promise<void> {
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

  private count(silo: string, stream: Stream, faults: readonly (UnitFault | undefined)[]): void {
    const bad = faults.filter((fault) => fault !== undefined).length;
    for (const [outcome, count] of [
      ['accepted', faults.length - bad],
      ['rejected', bad],
    ] as const) {
      if (count === 0) continue;
      this.metrics.records.inc({ stream, outcome }, count);
      this.metrics.siloRecords.inc({ silo, stream, outcome }, count);
    }
  }

  private countRefused(silo: string, error: unknown): void {
    const refused = countRefusal(error);
    if (refused === undefined) return;
    this.counts.add(silo, [refused]);
    const { outcome, reason } = refused;
    if (outcome === 'rejected') this.metrics.siloRejected.inc({ silo, reason });
    if (outcome !== 'throttled') return;
    this.metrics.throttled.inc({ why: reason });
    this.metrics.siloThrottled.inc({ silo, why: reason });
  }
}

function formatOf(asked: unknown): string | undefined {
  if (asked === undefined) return undefined;
  const known = FORMAT_NAMES.find((name) => name === asked);
  if (known === undefined)
    throw new DomainError('INTAKE_FORMAT_INVALID', `The format must be one of ${FORMAT_NAMES.join(', ')}`);
  return known;
}
