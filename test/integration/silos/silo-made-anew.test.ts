import { ManualClock } from '../../../src/platform/clock/clock.js';
import { SleepWatch } from '../../../src/ingest/sleep-watch.service.js';
import { SourceDirectory } from '../../../src/ingest/source-directory.service.js';
import { system } from '../../../src/platform/database/scope.js';
import { Fenced } from '../../../src/platform/event-log/event-log.js';
import { SiloDirectory } from '../../../src/silos/silo-directory.service.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';

import { testDatabase, type TestDatabase } from '../../harness/database.js';

const TOPIC = 'silo.harbor.access';

describe('a silo that was removed and made anew', () => {
  let db: TestDatabase;
  let clock: ManualClock;
  let sleep: SleepWatch;
  let sources: SourceDirectory;
  const repository = new SiloRepository();
  beforeEach(async () => {
    db = await testDatabase();
    clock = new ManualClock(new Date('2026-03-01T09:00:00Z'));
    sleep = new SleepWatch(clock);
    sources = new SourceDirectory(db.database, new SiloDirectory(repository), sleep);
    await add();
    await sources.discover();
  });
  afterEach(() => db.drop());

  const add = async (): Promise<number> => {
    const facts = { name: 'Harbor', timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72 };
    const silo = await db.database.transaction(system('silo-directory'), (tx) =>
      repository.upsert(tx, { tenant: 'harbor', ...facts, createdAt: clock.now() }),
    );
    return silo.incarnation;
  };
  const remake = async (): Promise<number> => {
    await db.database.transaction(system('silo-directory'), (tx) => repository.remove(tx, 'harbor'));
    return add();
  };

  it('fences a reader that slept meanwhile, once, and is then read as what it is now', async () => {
    const incarnation = await remake();
    clock.advanceMs(11_000);
    await expect(sources.sourceOf(TOPIC, false)).rejects.toBeInstanceOf(Fenced);
    expect(await sources.sourceOf(TOPIC, false)).toMatchObject({ incarnation });
  });

  it('fences every partition that is in hand when it wakes', async () => {
    const incarnation = await remake();
    clock.advanceMs(11_000);
    const inHand = await Promise.allSettled([1, 2, 3].map(() => sources.sourceOf(TOPIC, false)));
    expect(inHand.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await sources.sourceOf(TOPIC, false)).toMatchObject({ incarnation });
  });

  it('is not asked for again and again after the clock was set back', async () => {
    clock.advanceMs(3_600_000);
    await sources.sourceOf(TOPIC, false);
    clock.advanceMs(-3_600_000);
    await sources.sourceOf(TOPIC, false);
    await db.database.close();
    expect(await sources.sourceOf(TOPIC, false)).toMatchObject({ tenant: 'harbor' });
  });

  it('fences a reader that slept also when it looks for topics before it reads on', async () => {
    await remake();
    clock.advanceMs(11_000);
    expect(await sources.discover()).toContain(TOPIC);
    await expect(sources.sourceOf(TOPIC, false)).rejects.toBeInstanceOf(Fenced);
  });

  it('fences nobody who saw it go and come', async () => {
    await db.database.transaction(system('silo-directory'), (tx) => repository.remove(tx, 'harbor'));
    expect(await sources.discover()).toEqual([]);
    await expect(sources.sourceOf(TOPIC, false)).rejects.toThrow('belongs to no active silo');
    const incarnation = await add();
    await sources.discover();
    expect(await sources.sourceOf(TOPIC, false)).toMatchObject({ incarnation });
  });

  it('is read on without the database by who stays awake', async () => {
    for (let second = 0; second < 60; second += 1) {
      clock.advanceMs(1_000);
      sleep.stayAwake();
    }
    await db.database.close();
    expect(await sources.sourceOf(TOPIC, false)).toMatchObject({ tenant: 'harbor' });
    clock.advanceMs(11_000);
    await expect(sources.sourceOf(TOPIC, false)).rejects.toThrow();
  });
});
