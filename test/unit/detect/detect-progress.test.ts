import { DetectProgress } from '../../../src/detect/detect-progress.service.js';
import { decodeMessage } from '../../../src/detect/signal-message.js';
import type { SignalsTopic } from '../../../src/detect/signals-topic.service.js';
import { ALLOWED_LATENESS_MS } from '../../../src/detect/source-clock.js';
import { StageWork } from '../../../src/ingest/stage-work.service.js';
import { StageMetrics } from '../../../src/ingest/stage.metrics.js';
import { ManualClock } from '../../../src/platform/clock/clock.js';
import type { EventLog, OutgoingMessage, ReaderPosition } from '../../../src/platform/event-log/event-log.js';
import { RandomIds } from '../../../src/platform/ids/ids.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';

const START = new Date('2026-03-01T09:00:00Z');
const SOURCE = { tenant: 'harbor', stream: 'audit', incarnation: 1, settings: {} } as const;
const PLACE = { topic: 'silo.harbor.audit', partition: 0 };

describe('the progress that is told', () => {
  const clock = new ManualClock(START);
  const sent: OutgoingMessage[] = [];
  const eventLog = {
    append: (messages: readonly OutgoingMessage[]) => {
      sent.push(...messages);
      return Promise.resolve([]);
    },
  } as unknown as EventLog;
  const layout: unknown = { partitions: 1 };
  const signalsTopic = layout as SignalsTopic;
  const metrics = new StageMetrics(new Metrics());
  const work = new StageWork(metrics);
  const progress = new DetectProgress(clock, eventLog, signalsTopic, metrics, work, new RandomIds());
  const told = async (
    position: Omit<ReaderPosition, 'topic' | 'partition' | 'heardAgoMs'>,
  ): Promise<number | undefined> => {
    progress.progressOf(PLACE, SOURCE);
    await progress.send([{ ...PLACE, ...position, heardAgoMs: 0 }]);
    const message = decodeMessage(Buffer.from(sent.at(-1)?.value ?? ''));
    return message?.kind === 'progress' ? message.watermarks[0]?.[2] : undefined;
  };

  it('reaches no further than the log was last looked at, however long ago: who was cut off for minutes has not read what came meanwhile', async () => {
    const lookedMs = START.getTime();
    clock.advanceMs(10 * 60_000);
    expect(await told({ position: 7, highWatermark: 7, endSeenMs: lookedMs })).toBe(lookedMs - ALLOWED_LATENESS_MS);
    const nowMs = clock.nowMs();
    expect(await told({ position: 7, highWatermark: 9, endSeenMs: nowMs })).toBe(lookedMs - ALLOWED_LATENESS_MS);
    expect(await told({ position: 9, highWatermark: 9, endSeenMs: nowMs })).toBe(nowMs - ALLOWED_LATENESS_MS);
  });

  it('is in messages that the topic takes, however many silos there are', async () => {
    const positions = Array.from({ length: 10_000 }, (_, i): ReaderPosition => {
      const tenant = String(i).padStart(63, 'a');
      const place = { topic: `silo.${tenant}.audit`, partition: 0 };
      progress.progressOf(place, { ...SOURCE, tenant });
      return { ...place, position: 1, highWatermark: 2, endSeenMs: clock.nowMs(), heardAgoMs: 0 };
    });
    const before = sent.length;
    await progress.send(positions);
    const messages = sent.slice(before).map(({ value }) => Buffer.from(value ?? ''));
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(1024 * 1024);
    const told = messages.map(decodeMessage).filter((message) => message?.kind === 'progress');
    expect(told.flatMap(({ watermarks }) => watermarks)).toHaveLength(10_000);
    expect(told.flatMap(({ counts }) => counts)).toHaveLength(10_000);
  });

  it('says since when signals may still be on their way to the log', async () => {
    const sentMs = async (): Promise<number | undefined> => {
      await progress.send([]);
      const message = decodeMessage(Buffer.from(sent.at(-1)?.value ?? ''));
      return message?.kind === 'progress' ? message.sentMs : undefined;
    };
    const beganMs = clock.nowMs();
    const ended = progress.began(beganMs);
    clock.advanceMs(3_000);
    const endedLater = progress.began(clock.nowMs());
    expect(await sentMs()).toBe(beganMs);
    ended();
    expect(await sentMs()).toBe(beganMs + 3_000);
    endedLater();
    clock.advanceMs(1_000);
    expect(await sentMs()).toBe(clock.nowMs());
  });
});
