import { randomBytes } from 'node:crypto';
import {
  Fenced,
  headerText,
  type EventLog,
  type LogReader,
  type OutgoingMessage,
  type OutOfRange,
  type PartitionFailure,
  Postponed,
  type RecordBatch,
  type TopicSpec,
} from '../../../src/platform/event-log/event-log.js';
import { testTenant } from '../../harness/servers.js';

/** A log under test; `second` is another process's view of the same log. */
export interface LogUnderTest {
  readonly log: EventLog;
  readonly second: EventLog;
  /** Makes the log forget all records below `offset`, as retention does. */
  forgetBelow(topic: string, partition: number, offset: number): Promise<void>;
  close(): Promise<void>;
}

export async function until(what: string, isTrue: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const text = (topic: string, partition: number, ...values: string[]): OutgoingMessage[] =>
  values.map((value) => ({ topic, partition, key: null, value }));

const values = (batch: RecordBatch): string[] => batch.records.map((record) => record.value?.toString() ?? '');

/** What a reader saw, in its order. */
class Seen {
  readonly batches: RecordBatch[] = [];
  readonly handler = (batch: RecordBatch): Promise<void> => {
    this.batches.push(batch);
    return Promise.resolve();
  };
  values(topic?: string, partition?: number): string[] {
    return this.batches
      .filter(
        (batch) => (topic === undefined || batch.topic === topic) && (partition ?? batch.partition) === batch.partition,
      )
      .flatMap(values);
  }
}

/** The promises of `EventLog`, kept by every adapter. */
export function describeEventLog(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`the event log on ${name}`, () => {
    let under: LogUnderTest;
    let log: EventLog;
    let topic: string;
    let group: string;
    beforeEach(async () => {
      under = await open();
      log = under.log;
      group = testTenant();
      topic = `silo.${testTenant()}.access`;
    });
    afterEach(async () => {
      await under.close();
    });
    const spec = (name: string, partitions = 1): TopicSpec => ({ name, partitions, timestamps: 'arrival' });
    const make = (partitions = 1): Promise<void> => log.ensureTopics([spec(topic, partitions)]);
    const sequence = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => String(from + i));

    describe('topics', () => {
      it('are made once, listed, and gone when deleted', async () => {
        await make(3);
        await make(3);
        expect(await log.listTopics()).toContainEqual({ name: topic, partitions: 3 });
        await log.deleteTopics([topic, 'silo.never-made.access']);
        await until('the topic is gone', async () => !(await log.listTopics()).some(({ name }) => name === topic));
      });

      it('with another partition count are refused', async () => {
        await make(2);
        await expect(make(3)).rejects.toMatchObject({ code: 'EVENT_LOG_TOPIC_DIFFERS' });
      });

      it('that do not exist take no records and have no offsets', async () => {
        await expect(log.append(text('silo.nobody.access', 0, 'x'))).rejects.toMatchObject({
          code: 'EVENT_LOG_UNKNOWN_TOPIC',
        });
        await expect(log.offsets('silo.nobody.access')).rejects.toMatchObject({ code: 'EVENT_LOG_UNKNOWN_TOPIC' });
      });
    });

    describe('append', () => {
      it('answers with consecutive offsets per partition, in the order given', async () => {
        await make(2);
        const positions = await log.append([
          ...text(topic, 0, 'a', 'b'),
          ...text(topic, 1, 'c'),
          ...text(topic, 0, 'd'),
        ]);
        expect(positions.map(({ partition, offset }) => [partition, offset])).toEqual([
          [0, 0],
          [0, 1],
          [1, 0],
          [0, 2],
        ]);
        expect(await log.offsets(topic)).toEqual([
          { partition: 0, start: 0, end: 3 },
          { partition: 1, start: 0, end: 1 },
        ]);
      });

      it('keeps keys, headers, empty and binary values as they are, and stamps the time of arrival', async () => {
        await make();
        const binary = randomBytes(5_000);
        await log.append([
          { topic, partition: 0, key: binary, value: binary, headers: { format: 'nginx', raw: binary } },
          { topic, partition: 0, key: 'k', value: '' },
          { topic, partition: 0, key: null, value: null },
        ]);
        const [first, second, third] = await log.read(topic, 0, 0, 10);
        expect(first?.key?.equals(binary)).toBe(true);
        expect(first?.value?.equals(binary)).toBe(true);
        expect(headerText(first!, 'format')).toBe('nginx');
        expect(first?.headers['raw']?.equals(binary)).toBe(true);
        expect(Math.abs(Date.now() - first!.timestampMs)).toBeLessThan(60_000);
        expect(second).toMatchObject({ key: Buffer.from('k'), value: Buffer.alloc(0) });
        expect(third).toMatchObject({ key: null, value: null, headers: {} });
      });

      it('of many callers at once gives each its own offsets and keeps each one’s order', async () => {
        await make();
        const answers = await Promise.all(sequence(50).map((id) => log.append(text(topic, 0, `${id}a`, `${id}b`))));
        const stored = (await log.read(topic, 0, 0, 1_000)).map((record) => record.value?.toString());
        expect(stored).toHaveLength(100);
        answers.forEach((positions, id) => {
          expect(positions.map(({ offset }) => stored[offset])).toEqual([`${id}a`, `${id}b`]);
        });
      });

      it('refuses a record over the limit without harm to those of other callers', async () => {
        await log.ensureTopics([{ ...spec(topic), maxMessageBytes: 1024 * 1024 }]);
        const [small, large] = await Promise.allSettled([
          log.append(text(topic, 0, 'small')),
          log.append(text(topic, 0, 'x'.repeat(3 * 1024 * 1024))),
        ]);
        expect(small.status).toBe('fulfilled');
        expect(large).toMatchObject({
          status: 'rejected',
          reason: { code: 'EVENT_LOG_MESSAGE_TOO_LARGE', retryable: false },
        });
        expect((await log.read(topic, 0, 0, 10)).map((record) => record.value?.toString())).toEqual(['small']);
      });

      it('takes more in one call than one request may carry', async () => {
        await make();
        const body = 'x'.repeat(10_000);
        await log.append(sequence(300).map((i) => ({ topic, partition: 0, key: i, value: body })));
        expect((await log.read(topic, 0, 0, 1_000)).map((record) => record.key?.toString())).toEqual(sequence(300));
      });
    });

    describe('read', () => {
      it('returns a stretch, and nothing at the end', async () => {
        await make();
        await log.append(text(topic, 0, ...sequence(10)));
        expect((await log.read(topic, 0, 4, 3)).map(({ offset }) => offset)).toEqual([4, 5, 6]);
        expect(await log.read(topic, 0, 10, 3)).toEqual([]);
      });
    });

    describe('a group of readers', () => {
      it('reads from the oldest record, each partition in order, with how far the log reaches', async () => {
        await make(3);
        for (const partition of [0, 1, 2]) await log.append(text(topic, partition, ...sequence(200)));
        const seen = new Seen();
        await log.consume({ group, topics: () => Promise.resolve([topic]), handler: seen.handler });
        await until('all are read', () => seen.values().length >= 600);
        for (const partition of [0, 1, 2]) expect(seen.values(topic, partition)).toEqual(sequence(200));
        expect(seen.batches[0]?.highWatermark).toBe(200);
      });

      it('goes on, after a close, where it ended', async () => {
        await make();
        await log.append(text(topic, 0, ...sequence(50)));
        const first = new Seen();
        const reader = await log.consume({ group, topics: () => Promise.resolve([topic]), handler: first.handler });
        await until('the first half is read', () => first.values().length >= 50);
        await reader.close();
        await log.append(text(topic, 0, ...sequence(50, 50)));
        const second = new Seen();
        await under.second.consume({ group, topics: () => Promise.resolve([topic]), handler: second.handler });
        await until('the second half is read', () => second.values().length >= 50);
        expect(second.values()).toEqual(sequence(50, 50));
      });

      it('finishes the batch in hand when closed, and starts no other', async () => {
        await make();
        await log.append(text(topic, 0, ...sequence(5_000)));
        let begun = 0;
        let ended = 0;
        const reader = await log.consume({
          group,
          topics: () => Promise.resolve([topic]),
          handler: async () => {
            begun += 1;
            await pause(200);
            ended += 1;
          },
        });
        await until('a batch is in hand', () => begun === 1);
        await reader.close();
        expect([begun, ended]).toEqual([1, 1]);
      });

      it('picks up a new topic without a restart, and lets a deleted one go', async () => {
        await make();
        const other = `silo.${testTenant()}.access`;
        const topics = [topic];
        const seen = new Seen();
        const reader = await log.consume({
          group,
          groups: 3,
          topics: () => Promise.resolve([...topics]),
          handler: seen.handler,
        });
        await log.append(text(topic, 0, 'old'));
        await until('the first topic is read', () => seen.values(topic).length === 1);
        topics.push(other);
        await log.ensureTopics([spec(other)]);
        await log.append(text(other, 0, 'new'));
        await until('the new topic is read', () => seen.values(other).length === 1);
        topics.shift();
        await log.deleteTopics([topic]);
        await until('the old topic is let go', () => reader.positions().every((position) => position.topic === other));
        await log.append(text(other, 0, 'newer'));
        await until('the rest goes on', () => seen.values(other).at(-1) === 'newer');
        expect(reader.stopped()).toEqual([]);
      });

      it('survives that a topic it reads is deleted under it', async () => {
        const other = `silo.${testTenant()}.access`;
        await log.ensureTopics([spec(topic), spec(other)]);
        const seen = new Seen();
        await log.consume({ group, topics: () => Promise.resolve([topic, other]), handler: seen.handler });
        await log.append([...text(topic, 0, 'a'), ...text(other, 0, 'a')]);
        await until('both are read', () => seen.values().length === 2);
        await log.deleteTopics([topic]);
        await log.append(text(other, 0, 'b'));
        // What was read within the last second may come again: a position that was not committed yet is lost with the member.
        await until('the other goes on', () => seen.values(other).at(-1) === 'b', 40_000);
        expect(new Set(seen.values(other))).toEqual(new Set(['a', 'b']));
      }, 60_000);

      it('delivers again what threw, in order, while other partitions go on', async () => {
        await make(2);
        await log.append([...text(topic, 0, ...sequence(10)), ...text(topic, 1, ...sequence(10))]);
        const seen = new Seen();
        const failures: PartitionFailure[] = [];
        const reader = await log.consume({
          group,
          topics: () => Promise.resolve([topic]),
          onFailure: (failure) => failures.push(failure),
          handler: async (batch) => {
            if (batch.partition === 0 && failures.length < 2) throw new Error('the database is away');
            await seen.handler(batch);
          },
        });
        await until('the other partition is read', () => seen.values(topic, 1).length === 10);
        await until('the failing one is, too', () => seen.values(topic, 0).length === 10);
        expect(seen.values(topic, 0)).toEqual(sequence(10));
        expect(failures.map(({ attempt, offset }) => [attempt, offset])).toEqual([
          [1, 0],
          [2, 0],
        ]);
        expect(reader.stopped()).toEqual([]);
      });

      it('finds the record at fault in a batch: it fails alone, with its tries counted', async () => {
        await make();
        await log.append(text(topic, 0, ...sequence(20)));
        const seen = new Seen();
        const alone: number[] = [];
        await log.consume({
          group,
          topics: () => Promise.resolve([topic]),
          handler: async (batch) => {
            const isAlone = batch.records.length === 1;
            if (values(batch).includes('13')) {
              if (isAlone) alone.push(batch.attempt);
              // Put aside at the third try.
              if (!isAlone || batch.attempt < 3) throw new Error('cannot be used');
            } else await seen.handler(batch);
          },
        });
        await until('the others are read', () => seen.values().length === 19);
        expect(alone).toEqual([1, 2, 3]);
        expect(seen.values()).toEqual(sequence(20).filter((value) => value !== '13'));
      });

      it('lets a partition rest whose handler puts a batch off, from where it says, without a failure', async () => {
        await make(2);
        await log.append([...text(topic, 0, ...sequence(10)), ...text(topic, 1, ...sequence(10))]);
        const seen = new Seen();
        const failures: PartitionFailure[] = [];
        const stopped: unknown[] = [];
        let rests = 0;
        const reader: LogReader = await log.consume({
          group,
          topics: () => Promise.resolve([topic]),
          onFailure: (failure) => failures.push(failure),
          handler: async (batch) => {
            if (batch.partition === 1) return seen.handler(batch);
            rests += 1;
            if (rests === 1) throw new Postponed(50);
            stopped.push(...reader.stopped());
            const [first, second] = batch.records;
            await seen.handler({ ...batch, records: batch.records.slice(0, 2) });
            if (batch.records.length > 2) throw new Postponed(50, (second ?? first)?.offset);
          },
        });
        await until('both are read', () => seen.values(topic, 0).length + seen.values(topic, 1).length === 20);
        expect([seen.values(topic, 0), seen.values(topic, 1)]).toEqual([sequence(10), sequence(10)]);
        expect([failures, stopped]).toEqual([[], []]);
        expect(rests).toBe(6);
      });

      it('shows a partition that waits after a failure, and why', async () => {
        await make();
        await log.append(text(topic, 0, 'x'));
        const reader = await log.consume({
          group,
          topics: () => Promise.resolve([topic]),
          handler: () => Promise.reject(new Error('nothing works')),
        });
        await until('it shows', () => reader.stopped().length > 0);
        expect(reader.stopped()).toEqual([{ topic, partition: 0, reason: 'nothing works' }]);
      });

      it('delivers nothing while paused, and goes on after', async () => {
        await make();
        const seen = new Seen();
        const reader = await log.consume({ group, topics: () => Promise.resolve([topic]), handler: seen.handler });
        await log.append(text(topic, 0, 'a'));
        await until('it reads', () => seen.values().length === 1);
        reader.pause();
        await pause(300);
        await log.append(text(topic, 0, 'b'));
        await pause(700);
        expect(seen.values()).toEqual(['a']);
        reader.resume();
        await until('it goes on', () => seen.values().length === 2);
      });

      it('lets a busy partition not starve a quiet one', async () => {
        await make(2);
        const body = 'x'.repeat(500);
        await log.append(sequence(5_000).map((i) => ({ topic, partition: 0, key: i, value: body })));
        await log.append(text(topic, 1, 'quiet'));
        let busy = 0;
        let busyWhenQuiet = -1;
        await log.consume({
          group,
          topics: () => Promise.resolve([topic]),
          handler: async (batch) => {
            if (batch.partition === 1) busyWhenQuiet = busy;
            else busy += batch.records.length;
            await pause(10);
          },
        });
        await until('the quiet one is read', () => busyWhenQuiet >= 0);
        expect(busyWhenQuiet).toBeLessThan(4_000);
      });

      it('stops at a position that retention has overtaken, and goes on from where it is told', async () => {
        await make();
        await log.append(text(topic, 0, ...sequence(10)));
        const first = new Seen();
        const reader = await log.consume({ group, topics: () => Promise.resolve([topic]), handler: first.handler });
        await until('all are read', () => first.values().length === 10);
        await reader.close();
        await log.append(text(topic, 0, ...sequence(10, 10)));
        await under.forgetBelow(topic, 0, 15);

        const stopped = await log.consume({ group, topics: () => Promise.resolve([topic]), handler: first.handler });
        await until('it stops', () => stopped.stopped().length === 1);
        await stopped.close();
        expect(first.values()).toHaveLength(10);

        const faults: OutOfRange[] = [];
        const second = new Seen();
        await log.consume({
          group,
          topics: () => Promise.resolve([topic]),
          handler: second.handler,
          onOutOfRange: (fault) => {
            faults.push(fault);
            return Promise.resolve(fault.start);
          },
        });
        await until('it goes on', () => second.values().length === 5);
        expect(faults).toEqual([{ topic, partition: 0, position: 10, start: 15, end: 20 }]);
        expect(second.values()).toEqual(sequence(5, 15));
      });
    });

    describe('a reader that keeps its positions itself', () => {
      /** A correlator in small: its positions are in a shared map, as if in the database. */
      class Owner {
        readonly seen = new Seen();
        readonly held = new Set<number>();
        readonly assignments: number[][] = [];
        reader: LogReader | undefined;
        constructor(readonly saved: Map<number, number>) {}
        async start(log: EventLog): Promise<void> {
          this.reader = await log.consumeAssigned({
            group,
            topic,
            onAssigned: async (partitions) => {
              await pause(30);
              this.assignments.push([...partitions]);
              for (const partition of partitions) this.held.add(partition);
              return new Map(partitions.map((partition) => [partition, this.saved.get(partition) ?? 0]));
            },
            onRevoked: (partitions) => {
              for (const partition of partitions) this.held.delete(partition);
              return Promise.resolve();
            },
            handler: async (batch) => {
              if (!this.held.has(batch.partition)) throw new Error(`partition ${batch.partition} is not held`);
              await this.seen.handler(batch);
              this.saved.set(batch.partition, batch.records.at(-1)!.offset + 1);
            },
          });
        }
      }

      it('reads from where it says, not from where the log thinks', async () => {
        await make(2);
        await log.append([...text(topic, 0, ...sequence(20)), ...text(topic, 1, ...sequence(20))]);
        const owner = new Owner(
          new Map([
            [0, 15],
            [1, 0],
          ]),
        );
        await owner.start(log);
        await until('both are read', () => owner.seen.values().length === 25);
        expect(owner.seen.values(topic, 0)).toEqual(sequence(5, 15));
        await owner.reader?.close();
        expect(owner.held.size).toBe(0);

        const again = new Owner(
          new Map([
            [0, 18],
            [1, 20],
          ]),
        );
        await again.start(log);
        await until('it begins again where told', () => again.seen.values().length === 2);
        expect(again.seen.values(topic, 0)).toEqual(sequence(2, 18));
      });

      it('shares its partitions with another, one owner at a time, and inherits them when that one ends', async () => {
        await make(4);
        const saved = new Map<number, number>();
        const one = new Owner(saved);
        await one.start(log);
        await until('one holds all', () => one.held.size === 4);
        const two = new Owner(saved);
        await two.start(under.second);
        let next = 0;
        const feed = async (): Promise<void> => {
          for (const partition of [0, 1, 2, 3]) await log.append(text(topic, partition, String(next)));
          next += 1;
        };
        for (let i = 0; i < 20; i += 1) {
          await feed();
          await pause(50);
        }
        await one.reader?.close();
        await until('the other holds all', () => two.held.size === 4);
        await feed();
        const all = (partition: number): string[] => [
          ...one.seen.values(topic, partition),
          ...two.seen.values(topic, partition),
        ];
        await until('all are read', () => [0, 1, 2, 3].every((partition) => all(partition).length >= next));
        for (const partition of [0, 1, 2, 3]) expect(all(partition)).toEqual(sequence(next));
      });

      it('is asked again for a partition’s position after its handler threw', async () => {
        await make();
        await log.append(text(topic, 0, ...sequence(3)));
        const asked: number[][] = [];
        const seen = new Seen();
        let hasFailed = false;
        await log.consumeAssigned({
          group,
          topic,
          onAssigned: (partitions) => {
            asked.push([...partitions]);
            return Promise.resolve(new Map([[0, hasFailed ? 1 : 0]]));
          },
          onRevoked: () => Promise.resolve(),
          handler: async (batch) => {
            if (!hasFailed) {
              hasFailed = true;
              throw new Error('the transaction failed');
            }
            await seen.handler(batch);
          },
        });
        await until('it reads after the failure', () => seen.values().length === 2);
        expect(seen.values()).toEqual(['1', '2']);
        expect(asked).toEqual([[0], [0]]);
      });

      it('leaves a partition stopped where its owner says so, and reads the others', async () => {
        await make(2);
        await log.append([...text(topic, 0, 'a'), ...text(topic, 1, 'b')]);
        const seen = new Seen();
        const reader = await log.consumeAssigned({
          group,
          topic,
          onAssigned: () =>
            Promise.resolve(
              new Map<number, number | 'stop'>([
                [0, 'stop'],
                [1, 0],
              ]),
            ),
          onRevoked: () => Promise.resolve(),
          handler: seen.handler,
        });
        await until('the other is read', () => seen.values().length === 1);
        expect(seen.values()).toEqual(['b']);
        expect(reader.stopped()).toMatchObject([{ topic, partition: 0 }]);
      });

      it('tries again when its state cannot be loaded', async () => {
        await make();
        await log.append(text(topic, 0, 'x'));
        const seen = new Seen();
        let tries = 0;
        await log.consumeAssigned({
          group,
          topic,
          onAssigned: () => {
            tries += 1;
            return tries < 3 ? Promise.reject(new Error('the database is away')) : Promise.resolve(new Map([[0, 0]]));
          },
          onRevoked: () => Promise.resolve(),
          handler: seen.handler,
        });
        await until('it reads', () => seen.values().length === 1);
        expect(tries).toBe(3);
      });

      it('that was fenced gives up, joins again and loads everything anew', async () => {
        await make(2);
        await log.append(text(topic, 0, 'x'));
        const owner = new Owner(new Map());
        let isFenced = true;
        const revoked: number[] = [];
        await log.consumeAssigned({
          group,
          topic,
          onAssigned: (partitions) => {
            owner.assignments.push([...partitions].sort());
            return Promise.resolve(new Map(partitions.map((partition) => [partition, 0])));
          },
          onRevoked: (partitions) => {
            revoked.push(...partitions);
            return Promise.resolve();
          },
          handler: async (batch) => {
            if (isFenced) {
              isFenced = false;
              throw new Fenced();
            }
            await owner.seen.handler(batch);
          },
        });
        await until('it reads after joining again', () => owner.seen.values().length === 1);
        expect(revoked.sort()).toEqual([0, 1]);
        expect(owner.assignments).toEqual([
          [0, 1],
          [0, 1],
        ]);
      });

      it.each([
        ['beyond the log’s end', 50],
        ['below the log’s start', 2],
      ])('stops a partition whose position is %s, and no other', async (_, position) => {
        await make(2);
        await log.append([...text(topic, 0, ...sequence(10)), ...text(topic, 1, ...sequence(10))]);
        await under.forgetBelow(topic, 0, 5);
        const owner = new Owner(
          new Map([
            [0, position],
            [1, 0],
          ]),
        );
        await owner.start(log);
        await until('the other is read', () => owner.seen.values(topic, 1).length === 10);
        await until('it shows', () => owner.reader!.stopped().length === 1);
        expect(owner.seen.values(topic, 0)).toEqual([]);
        expect(owner.reader!.stopped()[0]).toMatchObject({ topic, partition: 0 });
      });
    });

    it('tells how far each partition is behind', async () => {
      await make();
      await log.append(text(topic, 0, ...sequence(7)));
      const seen = new Seen();
      const reader = await log.consume({ group, topics: () => Promise.resolve([topic]), handler: seen.handler });
      await until('all are read', () => reader.positions()[0]?.position === 7);
      const [position] = reader.positions();
      expect(position).toMatchObject({ topic, partition: 0, position: 7, highWatermark: 7 });
      expect(position?.heardAgoMs).toBeLessThan(60_000);
    });

    it('never says of a partition that it was read to an end which it has not looked at since', async () => {
      await make(2);
      const seen = new Seen();
      let release = (): void => undefined;
      const isHeld = new Promise<void>((resolve) => (release = resolve));
      const reader = await log.consume({
        group,
        topics: () => Promise.resolve([topic]),
        handler: async (batch) => {
          await seen.handler(batch);
          // As while a database does not answer: nothing else is fetched meanwhile.
          if (values(batch).includes('holds up')) await isHeld;
        },
      });
      const ofSecond = (): { isRead: boolean; endSeenMs: number } => {
        const { position, highWatermark, endSeenMs } = reader.positions().find(({ partition }) => partition === 1)!;
        return { isRead: position === highWatermark, endSeenMs };
      };
      await log.append(text(topic, 1, 'early'));
      await until('the early one is read', () => seen.values(topic, 1).length === 1);
      const readMs = Date.now();
      await until('an idle partition is known to be read', () => ofSecond().isRead && ofSecond().endSeenMs > readMs);
      await log.append(text(topic, 0, 'holds up'));
      await until('the reader is held up', () => seen.values(topic, 0).length === 1);
      const beforeMs = Date.now();
      await log.append(text(topic, 1, 'late'));
      await pause(600);
      const { isRead, endSeenMs } = ofSecond();
      expect(seen.values(topic, 1)).toContain('early');
      if (!seen.values(topic, 1).includes('late') && isRead) expect(endSeenMs).toBeLessThanOrEqual(beforeMs);
      release();
      await until('the late one is read', () => seen.values(topic, 1).includes('late'));
      const lateMs = Date.now();
      await until('that is known', () => ofSecond().isRead && ofSecond().endSeenMs > lateMs);
    });

    it('answers', async () => {
      expect(await log.answers()).toBe(true);
    });
  });
}
