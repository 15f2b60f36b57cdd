import { SignalsResize } from '../../../src/correlate/signals-resize.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import type { EventLog, OutgoingMessage } from '../../../src/platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../../../src/platform/event-log/topics.js';
import { Readiness } from '../../../src/platform/http/readiness.js';
import { PipelineFixture } from './fixture.js';
import { accessLine, auditRecord, onStream } from './records.js';

class ClockAhead extends SystemClock {
  aheadMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.aheadMs;
  }
}

const PROBES = Array.from({ length: 40 }, (_, i) => `/probe/${i}`);

describe('silowatch.signals with another number of partitions', () => {
  let fixture: PipelineFixture;
  let asleep: PipelineFixture | undefined;
  let tenant: string;
  beforeEach(async () => {
    fixture = await PipelineFixture.open('kafka');
    asleep = undefined;
    tenant = await fixture.addSilo();
  });
  afterEach(async () => {
    await asleep?.close();
    await fixture.close();
  });

  const probe = (paths: readonly string[]): Promise<unknown> =>
    fixture.log.append(
      onStream(
        tenant,
        'access',
        paths.map((path) => accessLine(new Date(), path)),
      ),
    );
  const found = async (): Promise<string[]> =>
    (await fixture.alerts())
      .filter(({ rule_title: title }) => title === 'A probe')
      .map(({ grouping, count }) => `${grouping[1] ?? ''} ${count}`)
      .sort();

  it('counts on where it was, and takes nothing twice', async () => {
    const failure = (i: number): OutgoingMessage[] =>
      onStream(tenant, 'audit', [
        auditRecord({ time: new Date(Date.now() - 5_000 + i), ip: '192.0.2.3', id: `${tenant}-${i}` }),
      ]);
    const first = await fixture.start({ partitions: 3 });
    await probe(['/probe/1']);
    await fixture.log.append([...failure(1), ...failure(2)]);
    await fixture.until('the group', async () => {
      const rows = await fixture.query(`select 1 from correlate_groups where state::text like '%192.0.2.3%'`);
      return rows.length > 0 && (await found()).length > 0 ? true : undefined;
    });
    await fixture.stop(first);
    const resize = new SignalsResize(fixture.db.database, fixture.log);
    expect(await resize.left()).toBeUndefined();
    await resize.move(5);
    await fixture.log.append(failure(3));
    await probe(['/probe/2']);
    await fixture.start({ partitions: 5 });
    const alert = await fixture.until('the count', async () =>
      (await fixture.alerts()).find(({ rule_title: title }) => title === 'Many failed sign-ins'),
    );
    expect(alert.count).toBe('3');
    // The evidence came along.
    expect(alert.samples.map(({ raw }) => (JSON.parse(raw) as { id: string }).id)).toEqual(
      [1, 2, 3].map((i) => `${tenant}-${i}`),
    );
    await fixture.until('the second probe', async () => ((await found()).length === 2 ? true : undefined));
    expect(await found()).toEqual(['/probe/1 1', '/probe/2 1']);
  });

  it('is not held up by firings that were sent and not taken out of the books when all stopped', async () => {
    await probe(PROBES);
    const first = await fixture.start({ partitions: 3 });
    await fixture.until('all probes', async () => ((await found()).length === PROBES.length ? true : undefined));
    await fixture.stop(first);
    // No group's end makes a partition commit meanwhile.
    await fixture.query('update correlate_groups set due_ms = null');
    // One that was sent and counted, and is sent again when the partition is taken up: a repeat, and all that comes. Not in the first partition,
    // whose position moves with what progress counts.
    const counted = (await signalsOf(fixture.log)).find(({ partition }) => partition > 0);
    await fixture.query(
      `insert into correlate_outbox (partition, sequence, target_partition, message)
       select partition, outbox_sequence, $1, $2 from correlate_partitions where partition = $1`,
      [counted?.partition, counted?.value?.toString()],
    );
    const resize = new SignalsResize(fixture.db.database, fixture.log);
    expect(await resize.left()).toBe('firings or dead letters that were not sent on (1)');
    // Counts what is left, as `signals resize` does: nothing comes besides.
    await fixture.start({ partitions: 3, roles: ['correlate'] });
    await fixture.until('nothing left', async () => ((await resize.left()) === undefined ? true : undefined));
  });

  it('loses nothing to an instance that slept through the change and sends what it had in hand when it wakes', async () => {
    await probe(PROBES);
    // Sees the same records with the eyes of before: for three partitions.
    asleep = await PipelineFixture.open('kafka');
    await asleep.addSilo(tenant);
    await asleep.start({ partitions: 3, roles: ['detect'] });
    const { log } = asleep;
    const sent = await fixture.until('the sleeper has it in hand', async () => {
      const messages = await signalsOf(log);
      const isAll = PROBES.every((path) => messages.some(({ value }) => value?.includes(`${path} `) === true));
      return isAll ? messages : undefined;
    });
    await new SignalsResize(fixture.db.database, fixture.log).move(5);
    await fixture.log.append(sent);
    await fixture.start({ partitions: 5 });
    await fixture.until('all probes', async () => ((await found()).length >= PROBES.length ? true : undefined));
    expect(await found()).toEqual(PROBES.map((path) => `${path} 1`).sort());
  });

  it('loses nothing to a correlator that runs on through the change with the number of before', async () => {
    await probe(PROBES.slice(0, 10));
    const first = await fixture.start({ partitions: 3 });
    await fixture.until('the probes of before', async () => ((await found()).length === 10 ? true : undefined));
    await fixture.stop(first);
    // Tells no progress of its own, so that the command would not hear it.
    const outdated = await fixture.start({ partitions: 3, roles: ['correlate'] });
    await new SignalsResize(fixture.db.database, fixture.log).move(5);
    // Whatever it takes up of the new topic, it has time to.
    await fixture.start({ partitions: 5, roles: ['detect'] });
    await probe(PROBES.slice(10));
    await fixture.until('all signals are in the log', async () => {
      const messages = await signalsOf(fixture.log);
      return (
        PROBES.slice(10).every((path) => messages.some(({ value }) => value?.includes(`${path} `) === true)) ||
        undefined
      );
    });
    await fixture.start({ partitions: 5, roles: ['correlate'] });
    await fixture.until('all probes', async () => ((await found()).length >= PROBES.length ? true : undefined));
    expect(await found()).toEqual(PROBES.map((path) => `${path} 1`).sort());
    // Probes and the operators' alert rule see it.
    expect(await outdated.app.get(Readiness).report()).toMatchObject({ isReady: false, checks: { correlate: false } });
    const stopped = await outdated.metrics.main.getSingleMetricAsString('silowatch_stopped_partitions');
    expect(stopped).toMatch(/stage="correlate"} [1-9]/);
  });

  it('loses nothing to a detector that wakes after the change and goes on', async () => {
    const clock = new ClockAhead();
    await fixture.start({ partitions: 3, roles: ['detect'] }, clock);
    await probe(PROBES.slice(0, 10));
    await fixture.until('what it sent before', async () =>
      (await signalsOf(fixture.log)).length >= 10 ? true : undefined,
    );
    await fixture.start({ partitions: 3, roles: ['correlate'] });
    await fixture.until('the probes of before', async () => ((await found()).length === 10 ? true : undefined));
    await new SignalsResize(fixture.db.database, fixture.log).move(5);
    clock.aheadMs = 20_000;
    await probe(PROBES.slice(10));
    await fixture.start({ partitions: 5 });
    await fixture.until('all probes', async () => ((await found()).length >= PROBES.length ? true : undefined));
    expect(await found()).toEqual(PROBES.map((path) => `${path} 1`).sort());
  });
});

/** The messages of signals that lie in the log. */
async function signalsOf(log: EventLog): Promise<OutgoingMessage[]> {
  const messages: OutgoingMessage[] = [];
  for (const { partition, start } of await log.offsets(SIGNALS_TOPIC).catch(() => [])) {
    for (const { value } of await log.read(SIGNALS_TOPIC, partition, start, 1_000)) {
      if (value?.includes('"kind":"signals"') === true) {
        messages.push({ topic: SIGNALS_TOPIC, partition, key: null, value });
      }
    }
  }
  return messages;
}
