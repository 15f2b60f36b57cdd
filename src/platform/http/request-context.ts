import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Clock } from '../clock/clock.js';
import type { Ids } from '../ids/ids.js';
import type { Log } from '../logging/logging.js';
import type { Metrics } from '../metrics/metrics.js';

interface Locals {
  requestId?: string;
  cspNonce?: string;
}

/** The request's id, which its log lines and its error answers carry. */
export const requestId = (response: Response): string => (response.locals as Locals).requestId ?? 'none';
export const cspNonce = (response: Response): string => (response.locals as Locals).cspNonce ?? '';

/** The template of the route that answered, such as `/page/:token`: URLs may carry tokens and are never written down. */
export function routeTemplate(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : '(none)';
}

/** Gives each request its id and nonce, and writes one log line when it is answered. */
export function requestContext(parts: {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}): RequestHandler {
  const { ids, clock, log, metrics } = parts;
  const seconds = metrics.histogram(
    'silowatch_http_request_seconds',
    'Time to answer, by route',
    [0.005, 0.02, 0.1, 0.5, 2, 10],
    ['method', 'route', 'status'],
  );
  return (request: Request, response: Response, next: NextFunction) => {
    const startedMs = clock.nowMs();
    const locals = response.locals as Locals;
    locals.requestId = ids.uuid();
    locals.cspNonce = ids.token().slice(0, 22);
    response.setHeader('X-Request-Id', locals.requestId);
    response.once('close', () => {
      const durationMs = clock.nowMs() - startedMs;
      const route = routeTemplate(request);
      const { statusCode: status } = response;
      const method = KNOWN_METHODS.has(request.method) ? request.method : 'other';
      seconds.observe({ method, route, status: String(status) }, durationMs / 1000);
      const staffId = (request as { staff?: { id: string } }).staff?.id;
      const fields = { requestId: locals.requestId, method, route, status, durationMs, ip: request.ip, staffId };
      const isTaken = route.startsWith('/intake/') && status < 400;
      const isQuiet = isTaken || route === '/healthz' || route === '/readyz' || route === '/metrics';
      log[isQuiet ? 'debug' : 'info']({ event: 'http.request', ...fields }, 'request answered');
    });
    next();
  };
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
