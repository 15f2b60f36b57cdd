import type { TopicSpec } from './event-log.js';

/** A silo's name: a label of the domain name system, so that `.` never occurs in it and a topic's owner can be read off its name. */
export const TENANT_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const SIGNALS_TOPIC = 'silowatch.signals';
export const DEAD_LETTERS_TOPIC = 'silowatch.dead-letters';

/** Streams that a silo's shipper writes. */
export const STREAMS = ['access', 'audit'] as const;
export type Stream = (typeof STREAMS)[number];

export type SiloChannel = Stream | 'commands' | 'results';

/** Largest record of a silo, with its headers, in bytes. */
export const SILO_RECORD_BYTES = 1024 * 1024;
/** Room for a dead letter's reason and origin besides the raw record. */
export const DEAD_LETTER_EXTRA_BYTES = 64 * 1024;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Signals must outlive a correlator that stands still over a holiday. */
export const SIGNALS_RETENTION_MS = 7 * DAY_MS;

export const siloTopic = (tenant: string, channel: SiloChannel): string => `silo.${tenant}.${channel}`;

/** Which silo and channel a topic belongs to, by its name and nothing else; undefined for a topic of no silo. */
export function parseSiloTopic(topic: string): { readonly tenant: string; readonly channel: SiloChannel } | undefined {
  const [prefix, tenant, channel, ...rest] = topic.split('.');
  if (prefix !== 'silo' || tenant === undefined || rest.length > 0 || !TENANT_PATTERN.test(tenant)) return undefined;
  if (channel !== 'access' && channel !== 'audit' && channel !== 'commands' && channel !== 'results') return undefined;
  return { tenant, channel };
}

/** The four topics of a silo. Their records carry the time of arrival, which a shipper cannot choose. */
export function siloTopics(tenant: string, partitionsPerStream: number): readonly TopicSpec[] {
  const spec = (channel: SiloChannel, partitions: number): TopicSpec => ({
    name: siloTopic(tenant, channel),
    partitions,
    retentionMs: 7 * DAY_MS,
    maxMessageBytes: SILO_RECORD_BYTES,
    timestamps: 'arrival',
  });
  return [
    spec('access', partitionsPerStream),
    spec('audit', partitionsPerStream),
    spec('commands', 1),
    spec('results', 1),
  ];
}

/** Silowatch's own two topics. */
export function platformTopics(signalsPartitions: number): readonly TopicSpec[] {
  return [
    {
      name: SIGNALS_TOPIC,
      partitions: signalsPartitions,
      retentionMs: SIGNALS_RETENTION_MS,
      maxMessageBytes: SILO_RECORD_BYTES,
      timestamps: 'arrival',
    },
    {
      name: DEAD_LETTERS_TOPIC,
      partitions: 3,
      retentionMs: 30 * DAY_MS,
      maxMessageBytes: SILO_RECORD_BYTES + DEAD_LETTER_EXTRA_BYTES,
      timestamps: 'arrival',
    },
  ];
}
