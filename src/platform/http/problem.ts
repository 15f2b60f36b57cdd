import { HttpException } from '@nestjs/common';
import { ZodError } from 'zod';
import { DomainError } from '../errors/domain-error.js';

/** An error answer (RFC 9457), media type `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly [extension: string]: unknown;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not possible now',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
};

/** Codes whose status does not follow from their ending. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  SIGNED_OUT: 401,
  CONFLICT: 409,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  STEP_UP_REQUIRED: 403,
  PASSWORD_CHANGE_REQUIRED: 403,
  SIGN_IN_REFUSED: 401,
  INTAKE_TOKEN_REFUSED: 401,
  INTAKE_BODY_EMPTY: 400,
  INTAKE_BODY_TIMED_OUT: 408,
  INTAKE_MEDIA_TYPE: 415,
  INTAKE_THROTTLED: 429,
};

const STATUS_BY_ENDING: readonly (readonly [string, number])[] = [
  ['_NOT_FOUND', 404],
  ['_CONFLICT', 409],
  ['_EXISTS', 409],
  ['_FORBIDDEN', 403],
  ['_NOT_ALLOWED', 403],
  ['_REFUSED', 403],
  ['_INVALID', 400],
  ['_TOO_LARGE', 413],
];

/** The status of a domain error: by its code, else by its code's ending, else 503 when a retry may help, else 422. */
export function statusOf(error: DomainError): number {
  const exact = STATUS_BY_CODE[error.code] ?? STATUS_BY_ENDING.find(([ending]) => error.code.endsWith(ending))?.[1];
  return exact ?? (error.retryable ? 503 : 422);
}

/** A fault as schemas report it (Standard Schema v1). */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** One fault of a request's body, query or path. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

export function fieldFaults(issues: readonly Issue[]): FieldFault[] {
  return issues.slice(0, 50).map((issue) => ({
    path: (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message: issue.message,
  }));
}

function problem(status: number, code: string, detail: string, extensions: Record<string, unknown> = {}): Problem {
  const type = `urn:silowatch:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return { ...extensions, type, title: TITLES[status] ?? 'Error', status, detail, code };
}

/** Thrown by the validation pipe. */
export class InvalidRequest extends Error {
  readonly faults: readonly FieldFault[];
  constructor(issues: readonly Issue[]) {
    super('The request is not valid');
    this.name = 'InvalidRequest';
    this.faults = fieldFaults(issues);
  }
}

/** What body-parser and express throw: a status, and whether the message may be shown. */
const isHttpError = (error: unknown): error is Error & { status: number; type?: string } =>
  error instanceof Error &&
  'status' in error &&
  typeof error.status === 'number' &&
  error.status < 500 &&
  error.status >= 400;

/** Turns whatever was thrown into an answer that shows no internals; an unknown error is a 500 that names only the request's id. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DomainError) {
    const { kind: _kind, ...details } = error.details;
    return problem(statusOf(error), error.code, error.message, details);
  }
  if (error instanceof InvalidRequest) {
    return problem(400, 'REQUEST_INVALID', error.message, { errors: error.faults });
  }
  if (error instanceof HttpException && error.getStatus() < 500) {
    const status = error.getStatus();
    return problem(status, TITLES[status]?.toUpperCase().replaceAll(' ', '_') ?? 'ERROR', TITLES[status] ?? 'Error');
  }
  if (isHttpError(error)) {
    const code = error.status === 413 ? 'REQUEST_TOO_LARGE' : 'REQUEST_UNREADABLE';
    return problem(error.status, code, error.status === 413 ? 'The body is too large' : 'The request cannot be read');
  }
  // A ZodError here is the service's own fault (a row or a setting), not the caller's: those pass the pipe.
  const what =
    error instanceof ZodError ? 'A stored value did not have the expected shape' : 'Something went wrong here';
  return problem(500, 'INTERNAL', `${what}; the request's id leads to the log line`);
}
