import { bothClaims, tenantClaim } from './claims.js';
import { finishEvent } from './event-time.js';
import { type FormatName, type ParsedRecord } from './parsed-record.js';

/** What a carrier (an OTLP log record, a HEC event, a shipper's JSON) says around the record that it carries. */
export interface Envelope {
  /** When the carrier says that it happened; epoch milliseconds. */
  readonly timeMs?: number;
  /** Dotted names such as `service.name`, with one value each. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Before the names of an envelope's fields in an event, so that they never pass for the record's own. */
const PREFIX = 'envelope.';

/** The event with what its envelope says: its fields, the tenant it names, and its time where the record had none. */
export function withEnvelope(parsed: ParsedRecord, envelope: Envelope, arrivalMs: number): ParsedRecord {
  const own = parsed.ok ? parsed.event.claimedTenant : parsed.claimedTenant;
  const claimedTenant = bothClaims(own, tenantClaim(envelope.fields));
  const claim = claimedTenant === undefined ? {} : { claimedTenant };
  if (!parsed.ok) return { ...parsed, ...claim };
  const { event } = parsed;
  const fields = { ...event.fields };
  for (const [name, value] of Object.entries(envelope.fields)) fields[PREFIX + name] = value;
  if (event.timeSource === 'record' || envelope.timeMs === undefined)
    return { ok: true, event: { ...event, ...claim, fields } };
  const { format, logsource, marks } = event;
  const draft = { format: format as FormatName, logsource, fields, timeMs: envelope.timeMs, claimedTenant };
  return { ok: true, event: finishEvent(draft, arrivalMs, marks?.includes('invalid_utf8') === true) };
}
