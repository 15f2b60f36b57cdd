import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Log } from '../logging/logging.js';
import { type Problem, PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';
import { requestId } from './request-context.js';

/** Shows the page for a path that no route has; false when it has none for it. */
export type Fallback = (request: Request, response: Response) => boolean;

/** The one place where an error becomes a status. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly fallback: Fallback,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    if (error instanceof NotFoundException && !response.headersSent && this.fallback(request, response)) return;
    const answer = problemOf(error);
    const id = requestId(response);
    if (answer.status >= 500) this.log.error({ event: 'http.failed', requestId: id, error }, 'request failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, answer);
  }
}

export function sendProblem(response: Response, answer: Problem): void {
  const retryAfter = answer['retryAfterSeconds'];
  if (typeof retryAfter === 'number') response.setHeader('Retry-After', String(retryAfter));
  response
    .status(answer.status)
    .type(PROBLEM_MEDIA_TYPE)
    .setHeader('Cache-Control', 'no-store')
    .send(JSON.stringify({ ...answer, instance: `urn:uuid:${requestId(response)}` }));
}
