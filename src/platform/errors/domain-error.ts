/** Why an operation was refused. Only `platform/http` turns the code into a status. */
export class DomainError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** Shown to the caller; never secrets, never another tenant's data. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { details?: Record<string, unknown>; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** The kinds every room needs; `platform/http` maps them to 404, 409, 403 and 422. Rooms add codes `AREA_WHAT` of their own. */
export const notFound = (what: string): DomainError => new DomainError('NOT_FOUND', `${what} was not found`);
export const conflict = (message: string): DomainError => new DomainError('CONFLICT', message);
export const forbidden = (message: string): DomainError => new DomainError('FORBIDDEN', message);
/** The request is well-formed but not possible in the present state, e.g. a gate that is not met: say what is missing. */
export const unmet = (code: string, message: string, details: Record<string, unknown> = {}): DomainError =>
  new DomainError(code, message, { details: { ...details, kind: 'unmet' } });
