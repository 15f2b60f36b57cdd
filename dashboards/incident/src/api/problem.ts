/** A refusal or failure in the words the service chose (RFC 9457), or ours when no service answered. */
export class Problem extends Error {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** What is left to do before the request can succeed. */
  readonly missing: readonly string[];

  constructor(fields: { status: number; code: string; title: string; detail: string; missing?: readonly string[] }) {
    super(fields.title);
    this.name = 'Problem';
    this.title = fields.title;
    this.status = fields.status;
    this.code = fields.code;
    this.detail = fields.detail;
    this.missing = fields.missing ?? [];
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const listOf = (value: unknown): string[] => {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [entry];
    if (typeof entry !== 'object' || entry === null) return [];
    const { path, message } = entry as { path?: unknown; message?: unknown };
    const said = textOf(message);
    if (said === undefined) return [];
    const where = Array.isArray(path) ? path.join('.') : textOf(path);
    return [where === undefined || where === '' ? said : `${where}: ${said}`];
  });
};

const advice: Record<number, string> = {
  401: 'Sign in again; you come back to this page.',
  403: 'Your role does not include this. Ask a commander or an administrator.',
  404: 'It may have been removed, or lies in a silo you do not see.',
  409: 'Somebody changed it meanwhile. The page has been refreshed: look again, then repeat.',
  413: 'It is too large. Shorten it and try again.',
  429: 'Too many attempts. Wait a minute, then try again.',
  503: 'The service is starting or overloaded. It is tried again by itself.',
};

const refusal: Record<number, string> = {
  400: 'The service could not read that',
  401: 'The session has ended',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Changed meanwhile',
  422: 'Not possible yet',
  429: 'Slow down',
};

/** Reads a failed response; never throws, whatever the body holds. */
export async function problemOf(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.clone().json();
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON: a proxy's page, or nothing. The status says enough.
  }
  const missing = listOf(body['missing']);
  return new Problem({
    status: response.status,
    code: textOf(body['code']) ?? `HTTP_${response.status}`,
    title: textOf(body['title']) ?? refusal[response.status] ?? 'The service failed',
    detail:
      textOf(body['detail']) ??
      advice[response.status] ??
      'Try again. If it stays so, the service log has the cause under this time.',
    missing: missing.length > 0 ? missing : listOf(body['errors'] ?? body['issues']),
  });
}

/** What to show of anything that was thrown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) {
    return new Problem({
      status: 0,
      code: 'UNREACHABLE',
      title: 'Silowatch cannot be reached',
      detail: 'Check your connection. What you typed is kept; try again when the line at the top says live.',
    });
  }
  return new Problem({
    status: 0,
    code: 'PAGE_FAULT',
    title: 'This page failed',
    detail: error instanceof Error ? error.message : 'Reload it.',
  });
}
