import { fileURLToPath } from 'node:url';
import { decodeMessage, encodeMessage, type Signal, type SignalsMessage } from '../../../src/detect/signal-message.js';
import type { LogRecord } from '../../../src/platform/event-log/event-log.js';
import { DEAD_LETTERS_TOPIC, SIGNALS_TOPIC } from '../../../src/platform/event-log/topics.js';
import { type AlertRow, PipelineFixture } from './fixture.js';
import { accessLine, onStream } from './records.js';

const NO_RULES = fileURLToPath(new URL('no-rules/', import.meta.url));
/** A probe by the rule of the tests, and a traversal by a rule that is shipped. */
const PATH = '/probe/../../etc/passwd';

const PROBE = '11111111-1111-4111-8111-111111111101';

interface StoredConsumer {
  readonly hash: string;
  readonly rule_set: string;
}

describe('a signal that cannot be counted', () => {
  let fixture: PipelineFixture;
  let tenant: string;
  beforeAll(async () => {
    fixture = await PipelineFixture.open('embedded');
    tenant = await fixture.addSilo();
  });
  afterAll(() => fixture.close());

  const append = (path: string): Promise<unknown> =>
    fixture.log.append(onStream(tenant, 'access', [accessLine(new Date(), path)]));
  const read = async (topic: string): Promise<LogRecord[]> => {
    const all: LogRecord[] = [];
    for (const { partition, start } of await fixture.log.offsets(topic).catch(() => [])) {
      all.push(...(await fixture.log.read(topic, partition, start, 1_000)));
    }
    return all;
  };
  const signalsAt = async (topic: string): Promise<SignalsMessage | undefined> => {
    for (const { value } of await read(topic)) {
      const message = decodeMessage(value);
      if (message?.kind === 'signals' && message.samples.some(({ raw }) => raw.includes(PATH))) return message;
    }
    return undefined;
  };
  const isProbe = ({ rule }: Signal): boolean => rule === PROBE;
  const counts = async (wanted: (alert: AlertRow) => boolean): Promise<string[]> =>
    (await fixture.alerts())
      .filter(wanted)
      .map(({ rule_title: title, grouping, count }) => `${title} ${grouping.join(' ')} ${count}`);
  const probesOf = (path: string): Promise<string[]> =>
    counts(({ rule_id: id, grouping }) => id === PROBE && grouping.includes(path));
  const traversals = (): Promise<string[]> => counts(({ rule_title: title }) => title.includes('traversal'));

  it('is put aside alone, the others of its record count, and its replay after the fix counts once', async () => {
    const detecting = await fixture.start({ roles: ['detect'], partitions: 1 });
    await append(PATH);
    const sent = await fixture.until('the signals', () => signalsAt(SIGNALS_TOPIC));
    await fixture.stop(detecting);
    expect(sent.signals.some(isProbe)).toBe(true);
    expect(sent.signals.every(isProbe)).toBe(false);

    // As if a newer process had made it, whose rules are not here yet.
    const unknown = sent.signals.filter(isProbe).map(({ consumer }) => consumer);
    const stored = await fixture.query<StoredConsumer>(
      'select hash, rule_set from rule_set_consumers where hash = any($1)',
      [unknown],
    );
    await fixture.query('delete from rule_set_consumers where hash = any($1)', [unknown]);
    expect(stored.length).toBeGreaterThan(0);
    const correlating = await fixture.start({ roles: ['correlate'], rulesDirs: NO_RULES, partitions: 1 });
    const aside = await fixture.until('it is put aside', () => signalsAt(DEAD_LETTERS_TOPIC), 40_000);
    expect(aside.signals).toEqual(sent.signals.filter(isProbe));
    const others = await traversals();
    expect(others).toHaveLength(1);
    expect(await probesOf(PATH)).toEqual([]);
    const raised = await fixture.alerts();
    expect(raised.filter(({ rule_id: id }) => id === 'silowatch.signal-put-aside')).toHaveLength(1);
    await fixture.stop(correlating);

    await fixture.query('insert into rule_set_consumers select * from unnest($1::text[], $2::text[])', [
      stored.map(({ hash }) => hash),
      stored.map(({ rule_set: set }) => set),
    ]);
    await fixture.start({ partitions: 1 });
    // What comes later has been counted when the replay comes.
    await append('/probe/later');
    await fixture.until('the later one', async () => ((await probesOf('/probe/later')).length > 0 ? true : undefined));
    const replayed = { topic: SIGNALS_TOPIC, partition: 0, key: null, value: Buffer.from(encodeMessage(aside)) };
    await fixture.log.append([replayed]);
    await fixture.log.append([replayed]);
    await append('/probe/last');
    await fixture.until('the last one', async () => ((await probesOf('/probe/last')).length > 0 ? true : undefined));
    expect((await probesOf(PATH)).map((text) => text.endsWith(' 1'))).toEqual([true]);
    expect(await traversals()).toEqual(others);
  }, 90_000);

  it('is put aside when Postgres refuses what it says, and holds up nobody behind it', async () => {
    const sent = await fixture.until('the signals', () => signalsAt(SIGNALS_TOPIC));
    const origin = { ...sent.origin, source: `${sent.origin.source}/of-a-bug` };
    const refused = {
      ...sent,
      origin,
      samples: sent.samples.map((one) => ({ ...one, sha256: 'of-a-bug', raw: 'no text: \0' })),
    };
    const value = Buffer.from(encodeMessage(refused));
    await fixture.log.append([{ topic: SIGNALS_TOPIC, partition: 0, key: null, value }]);
    await append('/probe/behind');
    await fixture.until('the one behind', async () => (await probesOf('/probe/behind'))[0], 60_000);
    const letters = (await read(DEAD_LETTERS_TOPIC)).map(({ value: bytes }) => decodeMessage(bytes));
    const aside = letters.filter((one) => one?.kind === 'signals' && one.samples[0]?.raw === refused.samples[0]?.raw);
    expect(aside).toHaveLength(refused.signals.length);
  }, 90_000);
});
