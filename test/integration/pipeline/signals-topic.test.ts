import { detectConfig } from '../../../src/detect/detect.config.js';
import { isOutdated, SignalsTopic } from '../../../src/detect/signals-topic.service.js';
import { SleepWatch } from '../../../src/ingest/sleep-watch.service.js';
import { ManualClock } from '../../../src/platform/clock/clock.js';
import { loadConfig } from '../../../src/platform/config/config.js';
import { PipelineFixture } from './fixture.js';

describe('whether the signals topic is still the one that this process knows', () => {
  let fixture: PipelineFixture;
  let clock: ManualClock;
  let sleep: SleepWatch;
  let topic: SignalsTopic;
  beforeEach(async () => {
    fixture = await PipelineFixture.open('embedded');
    clock = new ManualClock(new Date('2026-03-01T09:00:00Z'));
    sleep = new SleepWatch(clock);
    const loaded = loadConfig([detectConfig], { SIGNALS_PARTITIONS: '3' });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    topic = new SignalsTopic(clock, loaded.config, fixture.db.database, fixture.log, sleep);
    await topic.ensure();
    await topic.confirm();
  });
  afterEach(() => fixture.close());

  const liveOn = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advanceMs(1_000);
      await topic.confirm();
    }
  };

  it('is taken as last answered while the database is away, by who stays awake', async () => {
    await fixture.db.database.close();
    await liveOn(60);
  });

  it('is in doubt after a sleep until the database has answered, however often it is asked', async () => {
    await fixture.db.database.close();
    clock.advanceMs(17_000);
    await expect(topic.confirm()).rejects.toThrow();
    await expect(topic.confirm()).rejects.toThrow();
    clock.advanceMs(1_000);
    await expect(topic.confirm()).rejects.toThrow();
  });

  it('is another one for who ran through a resize, within ten seconds and from then on', async () => {
    await fixture.query('update correlate_log set signals_partitions = 5');
    const outdated = await liveOn(11).catch((error: unknown) => error);
    expect(isOutdated(outdated)).toBe(true);
    expect(isOutdated(await topic.confirm().catch((error: unknown) => error))).toBe(true);
  });
});
