import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Clock } from '../../platform/clock/clock.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { STREAMS, siloTopic, type Stream } from '../../platform/event-log/topics.js';
import { note, span } from '../../platform/tracing/tracing.js';
import { FORMAT_NAMES } from '../formats/parsed-record.js';
import type { ParseOptions } from '../formats/parse-record.js';
import { SourceDirectory } from '../source-directory.service.js';
import type { Admitted } from './admission.js';
import { tokenOf } from './authorization.js';
import { mediaTypeOf } from './media-type.js';
import * as refusal from './intake.errors.js';
import { countRecords, countRefusal } from './intake-count.js';
import { IntakeCounts } from './intake-counts.service.js';
import { IntakeMetrics } from './intake.metrics.js';
import { IntakeDirectory } from './intake-directory.service.js';
import { IntakeFlow } from './intake-flow.service.js';
import { keepTogether, type Sendable } from './keep-together.js';
import { type PreparedUnit, prepareUnits } from './prepare-unit.js';
import { type IntakeOutcome, uselessness, unitsOf } from './outcome.js';
import { withoutByteOrderMark } from './read-body.js';
import { inTurns } from './turns.js';
import { MAX_ADDED_BYTES, type ReadBody, type Reading, type Unit, type UnitFault } from './unit.js';

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

/** Takes bodies from silos to the log, and answers only when the log has acknowledged them. */
@Injectable()
export class IntakeService {
  constructor(
    private readonly clock: Clock,
    private readonly counts: IntakeCounts,
    private readonly directory: IntakeDirectory,
    private readonly flow: IntakeFlow,
    private readonly metrics: IntakeMetrics,
    private readonly sources: SourceDirectory,
  ) {}

  /** The tenant that the request's token speaks for; throws INTAKE_TOKEN_REFUSED or INTAKE_DIRECTORY_UNAVAILABLE. */
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
    try {
      const stream = STREAMS.find((known) => known === request.stream);
      if (stream === undefined) throw refusal.unknownStream();
      note({ 'silowatch.tenant': tenant, 'silowatch.stream': stream });
      return await this.flow.during(tenant, (admitted) => this.admittedBody(tenant, stream, request, form, admitted));
    } catch (error) {
      this.countRefused(tenant, error);
      throw error;
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
    const body = await this.flow.bodyOf(request.message, tenant, admitted);
    const read = form.read(withoutByteOrderMark(body), mediaTypeOf(request.message), request.query);
    const units = unitsOf('ok' in read ? read : await inTurns(read));
    const options: ParseOptions = {
      arrivalMs: this.clock.nowMs(),
      settings: this.sources.find(siloTopic(tenant, stream))?.settings ?? {},
      ...(format === undefined ? {} : { format }),
    };
    const { prepared, sendable } = await this.prepared(tenant, units, { bodyBytes: body.length, admitted, options });
    note({ 'silowatch.records': units.length });
    const outcome = { units, faults: prepared.map(({ fault }) => fault) };
    await this.flow.append(tenant, stream, sendable);
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
    this.flow.charge(tenant, countedBytes);
    if (!result.ok) throw refusal.recordsTooLarge(MAX_ADDED_BYTES);
    const { prepared, addedBytes } = result;
    const keeping = keepTogether(prepared, MAX_ADDED_BYTES - addedBytes);
    return { prepared, sendable: await inTurns(keeping, (keptBytes) => count(addedBytes + keptBytes)) };
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
