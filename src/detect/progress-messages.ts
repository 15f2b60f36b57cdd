import type { StepWork } from '../ingest/stage-work.service.js';
import type { OutgoingMessage } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { encodeMessage, type ProgressMessage, type SeenEntity, type StreamCounts } from './signal-message.js';

/** Of the entries of one message, in bytes: a quarter of what the topic takes, so that no single entry leads beyond it. */
const MOST_BYTES = 256 * 1024;

/** What all messages of one telling have in common. */
export type ProgressTimes = Pick<ProgressMessage, 'instance' | 'sequence' | 'clockMs' | 'sentMs'>;

/** What was counted since the telling before. */
export interface Counted {
  readonly counts: readonly StreamCounts[];
  readonly seen: readonly SeenEntity[];
  readonly work: readonly StepWork[];
}

/** One of the things that were counted. */
interface Piece {
  readonly counts?: StreamCounts;
  readonly seen?: SeenEntity;
  readonly work?: NonNullable<ProgressMessage['work']>[number];
}

/**
 * The messages of one telling: each partition is told the watermarks, the first what was counted besides. They grow with the silos, so they are
 * cut into messages that the topic takes.
 */
export function progressMessages(
  times: ProgressTimes,
  watermarks: ProgressMessage['watermarks'],
  counted: Counted,
  partitions: number,
): OutgoingMessage[] {
  const message = (content: Partial<ProgressMessage>): string =>
    encodeMessage({ v: 1, kind: 'progress', ...times, watermarks: [], counts: [], seen: [], ...content });
  const counting = cut(piecesOf(counted)).map((part) => message({ ...joined(part), goesOn: true }));
  const parts = cut(watermarks);
  const first = parts.slice(0, -1).map((part) => message({ watermarks: [...part], goesOn: true }));
  const telling = [...first, message({ watermarks: [...(parts.at(-1) ?? [])] })];
  return Array.from({ length: partitions }, (_, partition) =>
    (partition === 0 ? [...counting, ...telling] : telling).map((value) => {
      return { topic: SIGNALS_TOPIC, partition, key: null, value };
    }),
  ).flat();
}

function piecesOf({ counts, seen, work }: Counted): readonly Piece[] {
  return [
    ...counts.map((one) => ({ counts: one })),
    ...seen.map((one) => ({ seen: one })),
    ...work.map(({ step, times, seconds }): Piece => ({ work: [step, times, seconds] })),
  ];
}

function joined(pieces: readonly Piece[]): Pick<ProgressMessage, 'counts' | 'seen' | 'work'> {
  return {
    counts: pieces.flatMap(({ counts }) => counts ?? []),
    seen: pieces.flatMap(({ seen }) => seen ?? []),
    work: pieces.flatMap(({ work }) => (work === undefined ? [] : [work])),
  };
}

/** In order, in parts of at most so many bytes of JSON. */
function cut<T>(entries: readonly T[]): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry)) + 1;
    room -= bytes;
    const part = room < 0 ? undefined : parts.at(-1);
    if (part === undefined) {
      parts.push([entry]);
      room = MOST_BYTES - bytes;
    } else part.push(entry);
  }
  return parts;
}
