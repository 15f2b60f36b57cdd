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
}

/** The sources of these silos, by topic. */
export function sourcesOf(silos: readonly SourceSilo[]): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const { tenant, incarnation, timeZone } of silos) {
    for (const stream of STREAMS) {
      sources.set(siloTopic(tenant, stream), { tenant, stream, incarnation, settings: { zone: timeZone } });
    }
  }
  return sources;
}

/** Stream of a silo's topic; undefined for other topics. */
export function streamOf(topic: string): { readonly tenant: string; readonly stream: Stream } | undefined {
  const parsed = parseSiloTopic(topic);
  if (parsed === undefined || (parsed.channel !== 'access' && parsed.channel !== 'audit')) return undefined;
  return { tenant: parsed.tenant, stream: parsed.channel };
}
