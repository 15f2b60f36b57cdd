import { type EventLogsource } from '../../event/event.js';
import { clientAddress } from './client-address.js';
import { decodeRequest, withoutComments } from './decode-request.js';
import { type FormatSettings } from './parsed-record.js';
import { type JsonObject, textOf } from './read-json.js';
import { requestValues } from './request-values.js';

/** The log source of every access event. */
export const WEBSERVER: EventLogsource = { category: 'webserver' };

/** What an access log says of one request, before the taxonomy's names; `-` and empty text mean "not said". */
export interface AccessFacts {
  readonly peer: string | undefined;
  readonly forwardedFor?: string | undefined;
  readonly user?: string | undefined;
  readonly method?: string | undefined;
  /** The request target as sent: path and query, or an absolute URI. */
  readonly target: string | undefined;
  readonly version?: string | undefined;
  readonly host?: string | undefined;
  readonly status: number | undefined;
  readonly bytes?: number | undefined;
  readonly seconds?: number | undefined;
  readonly referer?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** A header by its name in whatever case; lines of one name are one list (RFC 9110 §5.3). */
export function headerText(headers: JsonObject, name: string): string | undefined {
  const lower = name.toLowerCase();
  const written = Object.hasOwn(headers, name) ? name : Object.keys(headers).find((key) => key.toLowerCase() === lower);
  const value = written === undefined ? undefined : headers[written];
  if (!Array.isArray(value)) return textOf(value);
  const lines = value.map(textOf).filter((line) => line !== undefined);
  return lines.length === 0 ? undefined : lines.join(', ');
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text !== '-';
}

/**
 * The Sigma webserver taxonomy plus the request as an attacker means it: `request.decoded` (the whole target),
 * `request.path`, `request.query`, `request.referer`, `request.user_agent`, and two lists for rules that look for an
 * attack wherever it may stand: `request.values`, each odd value by itself, and `request.plain`, the same without
 * comments and with single blanks; both are absent where nothing is odd. `cs-uri-query` holds path and query, since
 * that is what community rules look for in it. What the log does not say is absent, so that `null` in a rule finds it.
 */
export function accessFields(facts: AccessFacts, settings: FormatSettings | undefined): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const { peer, method, target, status, bytes, seconds } = facts;
  if (isSaid(peer)) fields['c-ip'] = clientAddress(peer, facts.forwardedFor, settings?.trustedProxies);
  if (isSaid(method)) fields['cs-method'] = method;
  if (isSaid(target)) addTarget(fields, target);
  if (status !== undefined && !Number.isNaN(status)) fields['sc-status'] = status;
  if (bytes !== undefined && !Number.isNaN(bytes)) fields['sc-bytes'] = bytes;
  if (isSaid(facts.userAgent)) {
    fields['cs-user-agent'] = facts.userAgent;
    fields['request.user_agent'] = decodeRequest(facts.userAgent);
  }
  if (isSaid(facts.referer)) {
    fields['cs-referer'] = facts.referer;
    fields['request.referer'] = decodeRequest(facts.referer);
  }
  addValues(fields, facts);
  if (isSaid(facts.version)) fields['cs-version'] = facts.version;
  if (isSaid(facts.host)) fields['cs-host'] = facts.host;
  if (isSaid(facts.user)) fields['cs-username'] = facts.user;
  if (seconds !== undefined && !Number.isNaN(seconds)) fields['time-taken'] = seconds;
  return fields;
}

function addTarget(fields: Record<string, unknown>, target: string): void {
  fields['c-uri'] = target;
  fields['cs-uri-query'] = target;
  const decoded = decodeRequest(target);
  fields['request.decoded'] = decoded;
  const queryAt = target.indexOf('?');
  const stem = queryAt < 0 ? target : target.slice(0, queryAt);
  fields['cs-uri-stem'] = stem;
  if (decoded === target) {
    fields['request.path'] = stem;
    if (queryAt >= 0) fields['request.query'] = target.slice(queryAt + 1);
  } else {
    // Decoded apart: an encoded question mark belongs to the path.
    fields['request.path'] = decodeRequest(stem);
    if (queryAt >= 0) fields['request.query'] = decodeRequest(target.slice(queryAt)).slice(1);
  }
}

function addValues(fields: Record<string, unknown>, { target, referer, userAgent }: AccessFacts): void {
  const queryAt = target?.indexOf('?') ?? -1;
  const values = requestValues({
    stem: isSaid(target) ? (queryAt < 0 ? target : target.slice(0, queryAt)) : '',
    query: isSaid(target) && queryAt >= 0 ? target.slice(queryAt + 1) : undefined,
    referer: isSaid(referer) ? referer : undefined,
    userAgent: isSaid(userAgent) ? userAgent : undefined,
  });
  if (values.length === 0) return;
  fields['request.values'] = values;
  fields['request.plain'] = values.map(withoutComments);
}
