import { type ResumeFrom, SignalsResume } from '../../../src/correlate/signals-resume.js';
import { SignalsResize } from '../../../src/correlate/signals-resize.js';
import { platformTopics, SIGNALS_TOPIC } from '../../../src/platform/event-log/topics.js';
import { PipelineFixture } from './fixture.js';
import type { Pipeline } from './pipeline.js';
import { accessLine, onStream } from './records.js';

describe.each(['embedded', 'kafka'] as const)('the signals topic, made anew on the %s log', (kind) => {
  let fixture: PipelineFixture;
  let tenant: string;
  beforeEach(async () => {
    fixture = await PipelineFixture.open(kind, { partitions: 1 });
    tenant = await fixture.addSilo();
  });
  afterEach(() => fixture.close());

  const probe = (...names: string[]): Promise<unknown> =>
    fixture.log.append(
      onStream(
        tenant,
        'access',
        names.map((name) => accessLine(new Date(), `/probe/${name}`)),
      ),
    );
  const found = async (): Promise<string[]> =>
    (await fixture.alerts()).map(({ grouping, count }) => `${grouping[1] ?? ''} ${count}`).sort();
  const untilFound = (...names: string[]): Promise<string[]> =>
    fixture.until(names.join(' '), async () => {
      const present = await found();
      return names.every((name) => present.some((one) => one.startsWith(`/probe/${name} `))) ? present : undefined;
    });
  const position = async (): Promise<number> =>
    Number((await fixture.query<{ position: string }>('select position from correlate_partitions'))[0]?.position);
  const end = async (): Promise<number> => (await fixture.log.offsets(SIGNALS_TOPIC))[0]?.end ?? 0;
  const isStopped = async (pipeline: Pipeline): Promise<true | undefined> => {
    const metric = await pipeline.metrics.main.getSingleMetricAsString('silowatch_stopped_partitions');
    return metric.includes('stage="correlate"} 1') ? true : undefined;
  };
  const isRemembered = async (): Promise<true | undefined> =>
    (await fixture.query('select 1 from correlate_partitions where stopped_at is not null')).length > 0 || undefined;
  /** Counts a probe, ends, and leaves a topic without a record in place of the one that was read. */
  const replaceTopic = async (): Promise<number> => {
    const first = await fixture.start();
    await probe('a');
    await untilFound('a');
    await fixture.stop(first);
    await fixture.log.deleteTopics([SIGNALS_TOPIC]);
    await fixture.until('the topic to be gone', async () =>
      (await fixture.log.listTopics()).every(({ name }) => name !== SIGNALS_TOPIC) ? true : undefined,
    );
    return position();
  };
  const makeTopic = (): Promise<void> =>
    fixture.log.ensureTopics(platformTopics(1).filter(({ name }) => name === SIGNALS_TOPIC));
  const resume = (from: ResumeFrom): Promise<unknown> =>
    new SignalsResume(fixture.db.database, fixture.log).resume(from);

  it('stays stopped, also when it has grown past the position, until somebody lets it be read: nothing is passed over', async () => {
    const stood = await replaceTopic();
    await makeTopic();
    const second = await fixture.start();
    await fixture.until('it is remembered', isRemembered);
    await fixture.until('it shows', () => isStopped(second));
    await probe('b1', 'b2');
    // Progress, a record a second, makes it grow.
    await fixture.until('the log to grow', async () => ((await end()) > stood + 2 ? true : undefined), 40_000);
    await fixture.stop(second);
    const third = await fixture.start();
    await fixture.until('it shows again', () => isStopped(third));
    expect(await found()).toEqual(['/probe/a 1']);
    expect(await position()).toBe(stood);
    await fixture.stop(third);
    await expect(new SignalsResize(fixture.db.database, fixture.log).left()).rejects.toMatchObject({
      code: 'SIGNALS_STOPPED',
    });

    const resuming = new SignalsResume(fixture.db.database, fixture.log);
    expect(await resuming.stopped()).toMatchObject([{ partition: 0, position: stood, start: 0 }]);
    expect(await resuming.resume('start')).toEqual([{ partition: 0, from: stood, to: 0 }]);
    expect(await resuming.stopped()).toEqual([]);
    const last = await fixture.start();
    await probe('c');
    expect(await untilFound('c')).toEqual(['a', 'b1', 'b2', 'c'].map((name) => `/probe/${name} 1`));
    expect(await isStopped(last)).toBeUndefined();
  }, 120_000);

  it('is known to be another one when Silowatch makes it itself, though nobody counts until it has grown', async () => {
    const stood = await replaceTopic();
    const detecting = await fixture.start({ roles: ['detect'] });
    await probe('b');
    await fixture.until('the log to grow', async () => ((await end()) > stood + 2 ? true : undefined), 40_000);
    await fixture.stop(detecting);
    const second = await fixture.start();
    await fixture.until('it shows', () => isStopped(second));
    expect(await found()).toEqual(['/probe/a 1']);
    await fixture.stop(second);
    await resume('start');
    await fixture.start();
    expect(await untilFound('b')).toEqual(['/probe/a 1', '/probe/b 1']);
  }, 120_000);

  it('is let be read before a start too, and not from a position that it does not have', async () => {
    await replaceTopic();
    await expect(resume('position')).rejects.toMatchObject({ code: 'SIGNALS_OUT_OF_RANGE' });
    await resume('end');
    const second = await fixture.start();
    await probe('b');
    expect(await untilFound('b')).toEqual(['/probe/a 1', '/probe/b 1']);
    expect(await isStopped(second)).toBeUndefined();
  }, 60_000);
});
