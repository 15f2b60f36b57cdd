import { type Event } from '../../event/event.js';

/** Names of the formats, as the Kafka header `format` and a stream's setting spell them. */
export const FORMAT_NAMES = [
  'combined',
  'nginx-json',
  'caddy',
  'traefik',
  'envoy',
  'silowatch-audit',
  'cloudtrail',
  'kubernetes-audit',
  'postgresql-json',
  'postgresql-csv',
  'auditd',
  'syslog',
  'journald',
  'json',
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Why a record cannot be used; the `reason` of its dead letter. */
export type RecordFault =
  | 'empty'
  /** Over {@link MAX_RECORD_BYTES}. */
  | 'too_large'
  /** JSON nested deeper than {@link MAX_JSON_DEPTH}. */
  | 'too_deep'
  /** More than {@link MAX_FIELDS} members and elements in all. */
  | 'too_many_fields'
  /** The named format, or the one recognised, cannot read it. */
  | 'malformed'
  /** It reads, but breaks the format's contract (an audit record without an action). */
  | 'invalid'
  /** The header or setting names a format that does not exist. */
  | 'unknown_format'
  /** Several records in one (`packed.ts`): one record is one event, so each must come by itself, or over a way that takes them apart. */
  | 'send_singly'
  /** No format named, none recognised by shape. */
  | 'unrecognised';

const RECORD_FAULTS: Readonly<Record<RecordFault, true>> = {
  empty: true,
  too_large: true,
  too_deep: true,
  too_many_fields: true,
  malformed: true,
  invalid: true,
  unknown_format: true,
  send_singly: true,
  unrecognised: true,
};
export const RECORD_FAULT_NAMES: readonly string[] = Object.keys(RECORD_FAULTS);

export const isRecordFault = (name: string): name is RecordFault => RECORD_FAULT_NAMES.includes(name);

export type ParsedRecord =
  | { readonly ok: true; readonly event: Event }
  /** `claimedTenant`: as of an event, as far as it could be read. */
  | { readonly ok: false; readonly reason: RecordFault; readonly claimedTenant?: string };

/** What a silo says about its own logs. */
export interface FormatSettings {
  /** Name of the format of records that name none themselves; recognised by shape when absent. */
  readonly format?: string;
  /** IANA zone of times that carry none (syslog RFC 3164, combined without offset); UTC when absent. */
  readonly zone?: string;
  /** Year of times that carry none; when absent, the latest year in which the time is not after the arrival. */
  readonly year?: number;
  /** Addresses or CIDR blocks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
}

/** Largest record that is read, in bytes. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** Deepest nesting of a JSON record that is read. */
export const MAX_JSON_DEPTH = 64;
/** Most members and elements of a JSON record, counted over all levels. */
export const MAX_FIELDS = 2000;
