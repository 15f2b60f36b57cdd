import { parseSiloTopic, siloTopic, STREAMS, type Stream } from '../platform/event-log/topics.js';
import type { FormatSettings } from './formats/parsed-record.js';

/** A silo's stream as it is read: whose it is (the topic says, and nothing else) and which making of the topic it is. */
export interface Source {
  readonly tenant: string;
  readonly stream: Stream;
  /** Tells re-created topics apart. */
  readonly incarnation: number;
  readonly settings: FormatSettings;
}

export interface SourceSilo {
  readonly tenant: string;
  readonly incarnation: number;
  readonly timeZone: string;
  readonly trustedProxies: readonly string[];
  readonly accessFormat: string | null;
  readonly auditFormat: string | null;
}

/** The sources of these silos, by topic. */
export function sourcesOf(silos: readonly SourceSilo[]): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const silo of silos) {
    const { tenant, incarnation } = silo;
    for (const stream of STREAMS) {
      sources.set(siloTopic(tenant, stream), { tenant, stream, incarnation, settings: settingsOf(silo, stream) });
    }
  }
  return sources;
}

function settingsOf(
  { timeZone, trustedProxies, accessFormat, auditFormat }: SourceSilo,
  stream: Stream,
): FormatSettings {
  const format = stream === 'access' ? accessFormat : auditFormat;
  return {
    zone: timeZone,
    ...(trustedProxies.length === 0 ? {} : { trustedProxies }),
    ...(format === null ? {} : { format }),
  };
}

/** Stream of a silo's topic; undefined for other topics. */
export function streamOf(topic: string): { readonly tenant: string; readonly stream: Stream } | undefined {
  const parsed = parseSiloTopic(topic);
  if (parsed === undefined || (parsed.channel !== 'access' && parsed.channel !== 'audit')) return undefined;
  return { tenant: parsed.tenant, stream: parsed.channel };
}
