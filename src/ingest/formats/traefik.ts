import { accessFields, headerText } from './access-fields.js';
import { withoutPort } from './client-address.js';
import { type AccessLine } from './combined.js';
import { type FormatSettings } from './parsed-record.js';
import { firstText, numberOf, type JsonObject } from './read-json.js';
import { anyTime } from './read-time.js';

/** Traefik's access log in JSON. */
export function isTraefik(record: JsonObject): boolean {
  return 'RequestPath' in record && 'RequestMethod' in record && 'DownstreamStatus' in record;
}

export function parseTraefik(record: JsonObject, settings: FormatSettings | undefined): AccessLine | undefined {
  const target = firstText(record, ['RequestPath']);
  if (target === undefined) return undefined;
  const peer = firstText(record, ['ClientHost', 'ClientAddr']);
  const nanoseconds = numberOf(record['Duration']);
  return {
    timeMs: anyTime(record['StartUTC'] ?? record['StartLocal'] ?? record['time'], settings?.zone),
    fields: accessFields(
      {
        peer: peer === undefined ? undefined : withoutPort(peer),
        forwardedFor: headerText(record, 'request_X-Forwarded-For'),
        user: firstText(record, ['ClientUsername']),
        method: firstText(record, ['RequestMethod']),
        target,
        version: firstText(record, ['RequestProtocol']),
        host: firstText(record, ['RequestHost']),
        status: numberOf(record['DownstreamStatus']),
        bytes: numberOf(record['DownstreamContentSize']),
        seconds: nanoseconds === undefined ? undefined : nanoseconds / 1e9,
        referer: headerText(record, 'request_Referer'),
        userAgent: headerText(record, 'request_User-Agent'),
      },
      settings,
    ),
  };
}
