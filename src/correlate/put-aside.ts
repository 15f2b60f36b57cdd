import { encodeMessage, type SentSignal } from '../detect/signal-message.js';
import { deadLetter } from '../ingest/dead-letter.js';
import type { OutgoingMessage } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';

/** A signal that no try gets past, and why. */
export interface PutAside {
  readonly sent: SentSignal;
  readonly reason: 'processing_failed' | 'process_died';
}

/** Where it is put aside: its sequence in the outbox of a signals partition, for how many of these. */
export interface AsidePlace {
  readonly partition: number;
  readonly sequence: number;
  readonly signalsPartitions: number;
}

/**
 * The dead letter of a signal, as the outbox keeps it. Under an origin of its own: under the old one a replay would pass for taken, since later
 * signals of the same source are counted meanwhile.
 */
export function encodeAside(
  { sent, reason }: PutAside,
  { partition, sequence, signalsPartitions }: AsidePlace,
): string {
  const { origin, tenant, samples, arrivalMs, detectedMs, isLate, recordId, signal } = sent;
  const value = encodeMessage({
    v: 2,
    kind: 'signals',
    origin: { incarnation: origin.incarnation, source: `put-aside/${partition}/${sequence}`, offset: 0 },
    layout: signalsPartitions,
    tenant,
    samples: [...samples],
    arrivalMs,
    detectedMs,
    isLate,
    ...(recordId === undefined ? {} : { recordId }),
    signals: [{ ...signal, ordinal: 0 }],
  });
  const record = { offset: sequence, timestampMs: arrivalMs, key: null, value: Buffer.from(value), headers: {} };
  return JSON.stringify({ ...deadLetter('correlate', { topic: SIGNALS_TOPIC, partition, record }, reason), value });
}

/** The message that `encodeAside` wrote. */
export const decodeAside = (text: string): OutgoingMessage => JSON.parse(text) as OutgoingMessage;
