import { accessFields, headerText } from './access-fields.js';
import { withoutPort } from './client-address.js';
import { type AccessLine } from './combined.js';
import { type FormatSettings } from './parsed-record.js';
import { firstText, isObject, numberOf, type JsonObject } from './read-json.js';
import { anyTime } from './read-time.js';

/** Caddy's access log (`http.log.access`). */
export function isCaddy(record: JsonObject): boolean {
  const request = record['request'];
  return isObject(request) && 'uri' in request && 'method' in request && 'status' in record;
}

export function parseCaddy(record: JsonObject, settings: FormatSettings | undefined): AccessLine | undefined {
  const request = record['request'];
  if (!isObject(request)) return undefined;
  const headers = isObject(request['headers']) ? request['headers'] : {};
  const target = firstText(request, ['uri']);
  const peer = firstText(request, ['remote_ip', 'remote_addr']);
  if (target === undefined || peer === undefined) return undefined;
  return {
    timeMs: anyTime(record['ts'], settings?.zone),
    fields: accessFields(
      {
        // Caddy applies its own trusted proxies and calls the result client_ip; silos may have set none there.
        peer: withoutPort(settings?.trustedProxies === undefined ? (firstText(request, ['client_ip']) ?? peer) : peer),
        forwardedFor: headerText(headers, 'X-Forwarded-For'),
        user: firstText(record, ['user_id']),
        method: firstText(request, ['method']),
        target,
        version: firstText(request, ['proto']),
        host: firstText(request, ['host']),
        status: numberOf(record['status']),
        bytes: numberOf(record['size']),
        seconds: numberOf(record['duration']),
        referer: headerText(headers, 'Referer'),
        userAgent: headerText(headers, 'User-Agent'),
      },
      settings,
    ),
  };
}
