import { DomainError } from '../../platform/errors/domain-error.js';
import type { UnitFault } from './unit.js';

export const tokenRefused = (): DomainError =>
  new DomainError('INTAKE_TOKEN_REFUSED', 'A valid intake token is needed: Authorization: Bearer <token>');

/** Whether the token is one cannot be told now. */
export const directoryUnavailable = (): DomainError =>
  new DomainError('INTAKE_DIRECTORY_UNAVAILABLE', 'Tokens cannot be read now: send the same again', {
    retryable: true,
    details: { retryAfterSeconds: 5 },
  });

export const unknownStream = (): DomainError =>
  new DomainError('INTAKE_STREAM_NOT_FOUND', 'The stream must be access or audit');

export const mediaTypeRefused = (what: string): DomainError => new DomainError('INTAKE_MEDIA_TYPE', what);

export const bodyTooLarge = (limitBytes: number): DomainError =>
  new DomainError('INTAKE_BODY_TOO_LARGE', `The body, unpacked, is over ${limitBytes} bytes: send smaller batches`, {
    details: { limitBytes },
  });

export const tooManyRecords = (limit: number): DomainError =>
  new DomainError('INTAKE_RECORDS_TOO_LARGE', `The body holds more than ${limit} records: send smaller batches`, {
    details: { limit },
  });

/** Parsing it would hold up everything else. */
export const bodyTooDense = (): DomainError =>
  new DomainError(
    'INTAKE_RECORDS_TOO_LARGE',
    'The body holds too many members and elements, or too many names that OTLP does not have: send smaller batches, in the names of OTLP',
  );

/** What is said of many records is written into each. */
export const recordsTooLarge = (limitBytes: number): DomainError =>
  new DomainError(
    'INTAKE_RECORDS_TOO_LARGE',
    `The body's records, with what is said of all of them in each, are more than ${limitBytes} bytes larger than the body: send smaller batches, or say less of all`,
    { details: { limitBytes } },
  );

export const gzipInvalid = (): DomainError =>
  new DomainError('INTAKE_GZIP_INVALID', 'The body is not the gzip that its Content-Encoding says');

export const bodyTimedOut = (): DomainError =>
  new DomainError('INTAKE_BODY_TIMED_OUT', 'The body did not arrive in time', { retryable: true });

export const bodyAborted = (): DomainError =>
  new DomainError('INTAKE_BODY_INVALID', 'The connection ended before the body did');

/** A body that cannot be taken apart; nothing of it was taken. */
export const bodyInvalid = (line: number, reason: UnitFault): DomainError =>
  new DomainError('INTAKE_BODY_INVALID', `Record ${line} cannot be used: ${reason}. Nothing was taken`, {
    details: { line, reason },
  });

/** A body of which no record can be used. */
export const recordsUseless = (line: number, reason: UnitFault, errors: readonly object[]): DomainError =>
  new DomainError(
    'INTAKE_BODY_INVALID',
    `Record ${line} cannot be used: ${reason}; nor can any other. They are put aside as dead letters, as far as the log can hold them`,
    { details: { line, reason, errors } },
  );

export const recordTooLarge = (line: number): DomainError =>
  new DomainError('INTAKE_RECORD_TOO_LARGE', `Record ${line} is over 1 MiB. Nothing was taken`, {
    details: { line, reason: 'too_large' },
  });

export const bodyEmpty = (): DomainError => new DomainError('INTAKE_BODY_EMPTY', 'The body holds no record');

/** `why`: which bound was met, as the metric has it. */
export const throttled = (
  why: 'silo_rate' | 'silo_in_flight' | 'in_flight' | 'log_silent',
  waitMs: number,
): DomainError =>
  new DomainError('INTAKE_THROTTLED', 'Too much at once: send the same again later', {
    retryable: true,
    details: { why, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
  });

export const logUnavailable = (cause: unknown): DomainError =>
  new DomainError('INTAKE_LOG_UNAVAILABLE', 'The log did not acknowledge: send the same again', {
    retryable: true,
    cause,
    details: { retryAfterSeconds: 5 },
  });
