import { createHash } from 'node:crypto';
import type { Person } from './world.js';

/** A raw log record on its way to a silo's topic. */
export interface RawRecord {
  readonly tenant: string;
  readonly stream: 'access' | 'audit';
  readonly raw: string;
}

export interface AuditFacts {
  readonly action: string;
  readonly outcome: 'success' | 'failure' | 'denied';
  readonly actor: {
    readonly type: 'user' | 'employee' | 'service' | 'anonymous';
    readonly id?: string;
    readonly email?: string;
    readonly roles?: readonly string[];
    readonly session?: string;
    readonly api_key?: string;
    readonly mfa?: boolean;
  };
  readonly target?: { readonly type: string; readonly id: string };
  readonly ip?: string;
  readonly userAgent?: string;
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** One silo's audit trail: each record carries the hash of the one before it. */
export class AuditTrail {
  readonly #tenant: string;
  readonly #newId: () => string;
  #previous: string | undefined;
  constructor(tenant: string, newId: () => string) {
    this.#tenant = tenant;
    this.#newId = newId;
  }

  record(atMs: number, facts: AuditFacts): RawRecord {
    const { userAgent, ...rest } = facts;
    const raw = JSON.stringify({
      v: 1,
      id: this.#newId(),
      time: new Date(atMs).toISOString(),
      ...rest,
      ...(userAgent === undefined ? {} : { user_agent: userAgent }),
      ...(this.#previous === undefined ? {} : { prev: this.#previous }),
    });
    this.#previous = createHash('sha256').update(raw).digest('hex');
    return { tenant: this.#tenant, stream: 'audit', raw };
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `22/Nov/2026:21:05:09 +0000`, as nginx and Apache write it. */
function logTime(atMs: number): string {
  const at = new Date(atMs).toISOString();
  return `${at.slice(8, 10)}/${MONTHS[Number(at.slice(5, 7)) - 1] ?? ''}/${at.slice(0, 4)}:${at.slice(11, 19)} +0000`;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly referer?: string;
}

/** A line of nginx's combined log. */
export function accessLine(
  tenant: string,
  atMs: number,
  from: Pick<Person, 'ip' | 'userAgent'>,
  request: Request,
): RawRecord {
  const { method, path, status, bytes, referer } = request;
  const raw = `${from.ip} - - [${logTime(atMs)}] "${method} ${path} HTTP/2.0" ${status} ${bytes} "${referer ?? '-'}" "${from.userAgent}"`;
  return { tenant, stream: 'access', raw };
}
