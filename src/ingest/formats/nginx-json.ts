import { accessFields } from './access-fields.js';
import { splitRequest, type AccessLine } from './combined.js';
import { type FormatSettings } from './parsed-record.js';
import { firstText, numberOf, type JsonObject } from './read-json.js';
import { anyTime, combinedTimeAt } from './read-time.js';

/** An nginx log_format with `escape=json` that names its members as nginx names its variables. */
export function isNginxJson(record: JsonObject): boolean {
  return (
    'remote_addr' in record && 'status' in record && ('request' in record || 'request_uri' in record || 'uri' in record)
  );
}

export function parseNginxJson(record: JsonObject, settings: FormatSettings | undefined): AccessLine | undefined {
  const peer = firstText(record, ['remote_addr']);
  const line = firstText(record, ['request']);
  const request = line === undefined ? undefined : splitRequest(line);
  const uri = firstText(record, ['uri']);
  const query = firstText(record, ['args', 'query_string']);
  const rebuilt = uri !== undefined && query !== undefined && query !== '' ? `${uri}?${query}` : uri;
  const target = firstText(record, ['request_uri']) ?? request?.target ?? rebuilt;
  if (peer === undefined || target === undefined) return undefined;
  return {
    timeMs: timeOf(record, settings),
    fields: accessFields(
      {
        peer,
        target,
        forwardedFor: firstText(record, ['http_x_forwarded_for', 'x_forwarded_for']),
        user: firstText(record, ['remote_user']),
        method: firstText(record, ['request_method', 'method']) ?? request?.method,
        version: firstText(record, ['server_protocol']) ?? request?.version,
        host: firstText(record, ['http_host', 'host', 'server_name']),
        status: numberOf(record['status']),
        bytes: numberOf(record['body_bytes_sent'] ?? record['bytes_sent']),
        seconds: numberOf(record['request_time']),
        referer: firstText(record, ['http_referer', 'http_referrer', 'referer']),
        userAgent: firstText(record, ['http_user_agent', 'user_agent']),
      },
      settings,
    ),
  };
}

function timeOf(record: JsonObject, settings: FormatSettings | undefined): number {
  const local = record['time_local'];
  if (typeof local === 'string' && local.length === 26) return combinedTimeAt(local, 0);
  return anyTime(
    record['time_iso8601'] ?? record['msec'] ?? record['time'] ?? record['timestamp'] ?? record['@timestamp'],
    settings?.zone,
  );
}
