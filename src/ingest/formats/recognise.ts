import { isAuditd } from './auditd.js';
import { isCaddy } from './caddy.js';
import { isCloudTrail } from './cloudtrail.js';
import { isEnvoy } from './envoy.js';
import { isJournald } from './journald.js';
import { isKubernetesAudit } from './kubernetes-audit.js';
import { isNginxJson } from './nginx-json.js';
import { FORMAT_NAMES, type FormatName } from './parsed-record.js';
import { isPostgresqlCsv, isPostgresqlJson } from './postgresql.js';
import { type JsonObject } from './read-json.js';
import { isAudit } from './silowatch-audit.js';
import { isOctetCounted } from './syslog.js';
import { isTraefik } from './traefik.js';

const KNOWN: ReadonlySet<string> = new Set(FORMAT_NAMES);

/** The format that a Kafka header or a stream's setting names. */
export function formatNamed(name: string): FormatName | undefined {
  return KNOWN.has(name) ? (name as FormatName) : undefined;
}

/** Tells formats apart by how a record begins: `json` is any JSON object, to be told apart by its members. */
export function recogniseText(text: string): 'json' | 'combined' | 'auditd' | 'postgresql-csv' | 'syslog' {
  const first = text.charCodeAt(0);
  if (first === 123) return 'json';
  if (first === 60 || isOctetCounted(text)) return 'syslog';
  // Before what may stand anywhere in a line: these two begin as no access log does.
  if (isAuditd(text)) return 'auditd';
  if (isPostgresqlCsv(text)) return 'postgresql-csv';
  return text.indexOf('] "') > 0 ? 'combined' : 'syslog';
}

/** Tells JSON formats apart by their members. */
export function recogniseJson(record: JsonObject): FormatName {
  if (isAudit(record)) return 'silowatch-audit';
  if (isNginxJson(record)) return 'nginx-json';
  if (isCaddy(record)) return 'caddy';
  if (isTraefik(record)) return 'traefik';
  if (isEnvoy(record)) return 'envoy';
  if (isCloudTrail(record)) return 'cloudtrail';
  if (isKubernetesAudit(record)) return 'kubernetes-audit';
  if (isPostgresqlJson(record)) return 'postgresql-json';
  if (isJournald(record)) return 'journald';
  return 'json';
}
