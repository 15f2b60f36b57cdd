import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type RequestHandler } from 'express';
import type { z } from 'zod';
import type { Platform } from '../platform.module.js';
import type { ServiceRoles } from '../roles/service-roles.js';
import { type DashboardFiles } from './dashboard-files.js';
import type { httpConfig } from './http.config.js';
import { InvalidRequest, problemOf } from './problem.js';
import { ProblemFilter, sendProblem } from './problem.filter.js';
import { requestContext } from './request-context.js';
import { securityHeaders } from './security-headers.js';
import { notFound } from '../errors/domain-error.js';

/** Largest JSON body; a review or a notice is a few kilobytes. */
const MAX_JSON_BYTES = 1024 * 1024;
/** Largest form body, of the public pages. */
const MAX_FORM_BYTES = 128 * 1024;

/** What a process without the role `api` still answers. */
const OPERATIONS = new Set(['/healthz', '/readyz', '/metrics', '/metrics/silos']);

/** Puts the shell around the routes: ids, headers, limits, validation, errors, the dashboard's files. */
export function configureHttp(
  app: NestExpressApplication,
  platform: Platform,
  settings: z.infer<typeof httpConfig>,
  roles: ServiceRoles,
  dashboard: DashboardFiles,
): void {
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', settings.TRUSTED_PROXIES.length === 0 ? false : settings.TRUSTED_PROXIES);
  app.set('query parser', 'simple');
  app.use(requestContext(platform), ...securityHeaders());
  app.use(onlyOperationsUnless(roles.has('api')));
  app.use(dashboard.assets);
  app.use(
    unlessIntake(express.json({ limit: MAX_JSON_BYTES })),
    unlessIntake(express.urlencoded({ extended: false, limit: MAX_FORM_BYTES })),
  );
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: (issues) => new InvalidRequest(issues) }));
  app.useGlobalFilters(new ProblemFilter(platform.log, dashboard.page));
}

/** The intake reads its bodies itself, under limits of its own. */
const unlessIntake =
  (parse: RequestHandler): RequestHandler =>
  (request, response, next) => {
    if (/^\/intake(?:\/|$)/i.test(request.path)) next();
    else void parse(request, response, next);
  };

const onlyOperationsUnless =
  (isApi: boolean): RequestHandler =>
  (request, response, next) => {
    if (isApi || OPERATIONS.has(request.path)) next();
    else sendProblem(response, problemOf(notFound('This path')));
  };
