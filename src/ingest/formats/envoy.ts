import { accessFields } from './access-fields.js';
import { withoutPort } from './client-address.js';
import { type AccessLine } from './combined.js';
import { type FormatSettings } from './parsed-record.js';
import { firstText, numberOf, type JsonObject } from './read-json.js';
import { anyTime } from './read-time.js';

/** Envoy's (and Istio's) access log in JSON with its default member names. */
export function isEnvoy(record: JsonObject): boolean {
  return 'response_code' in record && 'method' in record && ('path' in record || 'x-envoy-original-path' in record);
}

export function parseEnvoy(record: JsonObject, settings: FormatSettings | undefined): AccessLine | undefined {
  const target = firstText(record, ['x-envoy-original-path', 'path']);
  if (target === undefined) return undefined;
  const milliseconds = numberOf(record['duration']);
  const forwardedFor = firstText(record, ['x_forwarded_for', 'x-forwarded-for']);
  const peer = firstText(record, ['downstream_remote_address', 'downstream_direct_remote_address']);
  return {
    timeMs: anyTime(record['start_time'], settings?.zone),
    fields: accessFields(
      {
        peer: peer === undefined ? undefined : withoutPort(peer),
        forwardedFor,
        method: firstText(record, ['method']),
        target,
        version: firstText(record, ['protocol']),
        host: firstText(record, ['authority', ':authority']),
        status: numberOf(record['response_code']),
        bytes: numberOf(record['bytes_sent']),
        seconds: milliseconds === undefined ? undefined : milliseconds / 1000,
        referer: firstText(record, ['referer']),
        userAgent: firstText(record, ['user_agent', 'user-agent']),
      },
      settings,
    ),
  };
}
