import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Clock } from '../../platform/clock/clock.js';
import { type Problem, problemOf } from '../../platform/http/problem.js';
import { Log } from '../../platform/logging/logging.js';
import * as answers from './answers.js';
import { type IntakeForm, IntakeService } from './intake.service.js';
import { mediaTypeOf } from './media-type.js';
import type { IntakeOutcome } from './outcome.js';
import { readOut } from './read-body.js';
import { readBulk } from './read-bulk.js';
import { readHecEvents, readHecRaw } from './read-hec.js';
import { readLines } from './read-lines.js';
import { readOtlp } from './read-otlp.js';

/** A form of bodies with the answers that its clients understand. */
interface HttpForm extends IntakeForm {
  answer(outcome: IntakeOutcome, asked: { readonly mediaType: string; readonly tookMs: number }): answers.IntakeAnswer;
  /** Undefined for problem+json. */
  readonly refusal?: (problem: Problem, mediaType: string) => answers.IntakeAnswer;
}

const isJson = (mediaType: string): boolean => mediaType === 'application/json';

export const LINES: HttpForm = { name: 'lines', read: readLines, answer: answers.linesAnswer };
export const OTLP: HttpForm = {
  name: 'otlp',
  read: readOtlp,
  answer: (outcome, { mediaType }) => answers.otlpAnswer(outcome, isJson(mediaType)),
  refusal: (problem, mediaType) => answers.otlpRefusal(problem, isJson(mediaType)),
};
export const BULK: HttpForm = {
  name: 'bulk',
  read: readBulk,
  answer: (outcome, { tookMs }) => answers.bulkAnswer(outcome, tookMs),
  refusal: answers.bulkRefusal,
};
export const HEC_EVENTS: HttpForm = {
  name: 'hec',
  read: readHecEvents,
  answer: answers.hecAnswer,
  refusal: answers.hecRefusal,
};
export const HEC_RAW: HttpForm = {
  ...HEC_EVENTS,
  read: (body, _mediaType, query) => readHecRaw(body, query),
};

/** Carries requests to the intake and its outcomes back, in the words of each form. */
@Injectable()
export class IntakeHttp {
  constructor(
    private readonly clock: Clock,
    private readonly intake: IntakeService,
    private readonly log: Log,
  ) {}

  async take(request: Request, response: Response, form: HttpForm): Promise<void> {
    const startedMs = this.clock.nowMs();
    const mediaType = mediaTypeOf(request);
    try {
      const { stream = '' } = request.params as { stream?: string };
      const outcome = await this.intake.take({ stream, query: request.query, message: request }, form);
      send(response, form.answer(outcome, { mediaType, tookMs: this.clock.nowMs() - startedMs }));
    } catch (error) {
      this.refuse(request, response, error, (problem) => form.refusal?.(problem, mediaType));
    }
  }

  /** What a form's clients ask besides; needs a token like everything here. */
  async tell(request: Request, response: Response, answer: answers.IntakeAnswer): Promise<void> {
    try {
      await this.intake.tenantOf(request);
      send(response, answer);
    } catch (error) {
      this.refuse(request, response, error, answers.bulkRefusal);
    }
  }

  /** Unknown errors, and forms without words of their own, are left to the filter of the shell. */
  private refuse(
    request: Request,
    response: Response,
    error: unknown,
    refusal: (problem: Problem) => answers.IntakeAnswer | undefined,
  ): void {
    if (!request.complete) readOut(request);
    const problem = problemOf(error);
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="silowatch intake"');
    const answer = problem.status === 500 ? undefined : refusal(problem);
    if (answer === undefined) throw error;
    if (problem.status === 503) this.log.warn({ event: 'intake.unavailable', error }, 'nothing was taken');
    const { retryAfterSeconds } = problem as { retryAfterSeconds?: unknown };
    if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(retryAfterSeconds));
    send(response, answer);
  }
}

/** Shippers for Elasticsearch refuse an answer without the product's name; some for OTLP one whose type has parameters, which Express would add. */
function send(response: Response, { status, type, body }: answers.IntakeAnswer): void {
  response.status(status).setHeader('X-Elastic-Product', 'Elasticsearch').setHeader('Content-Type', type).end(body);
}
