import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { LAG_ALERT_SECONDS } from '../../../src/detect/lag-watch.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { SIGNALS_TOPIC } from '../../../src/platform/event-log/topics.js';
import { kafkaAddress } from '../../harness/servers.js';
import { type AlertRow, PipelineFixture } from './fixture.js';
import { accessLine, onStream } from './records.js';

/** Three times as many as are read until the test ends, on a slow machine and a quick one alike: both go by the same processor. */
const FLOOD_RECORDS = 30_000;
/** More alerts than are made within the seconds that another silo's takes. */
const ATTACKS = 5_000;
/** Takes a lag finding, and not how far all these silos have been read. */
const NARROW = { silos: 40, bytes: 3_000 };
/** Each field is decoded: reading it takes ten times as long as writing it, so that a flood is there in a second. */
const COSTLY_PATH = `/search?${'%61=%62&'.repeat(60)}`;

/** The real time and as much as the test adds: a silo is late after a minute, which nobody has to wait for. */
class ClockAhead extends SystemClock {
  aheadMs = 0;
  override now(): Date {
    return new Date(super.now().getTime() + this.aheadMs);
  }
}

describe('a silo that floods', () => {
  let fixture: PipelineFixture;
  beforeEach(async () => {
    // One partition keeps all signals in the order of detection: what was found before an alert that is here is here too.
    fixture = await PipelineFixture.open('kafka', { partitions: 1 });
  });
  afterEach(() => fixture.close());

  const probe = (tenants: readonly string[], path: string): Promise<unknown> =>
    fixture.log.append(tenants.flatMap((tenant) => onStream(tenant, 'access', [accessLine(new Date(), path)])));
  const titled = async (wanted: string): Promise<AlertRow[]> =>
    (await fixture.alerts()).filter(({ rule_title: title }) => title === wanted);
  const probesFound = async (): Promise<string[]> =>
    (await titled('A probe')).map(({ tenant_id: tenant, grouping }) => `${tenant} ${grouping[1] ?? ''}`).sort();

  /** To be written before it is read: both in one process would slow each other. A probe is its end. */
  async function writeFlood(tenant: string): Promise<void> {
    const line = accessLine(new Date(), COSTLY_PATH, '198.51.100.7', 200);
    await fixture.log.append(onStream(tenant, 'access', Array<string>(FLOOD_RECORDS).fill(line)));
    await probe([tenant], '/probe/behind-the-flood');
  }

  /** Lets the signals topic take what it takes otherwise. */
  async function widen(): Promise<void> {
    const { brokers, username, password } = kafkaAddress();
    const sasl = { mechanism: 'scram-sha-512', username, password } as const;
    const admin = new Kafka({ brokers: brokers.split(','), sasl, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: String(1024 * 1024) }];
    const name = `${SIGNALS_TOPIC}.${fixture.options.suffix}`;
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }],
    });
    await admin.disconnect();
  }

  /** All were read, the flood in part and the others to their ends, and the watch has seen them so. */
  const isAloneBehind = async (flooding: string, others: readonly string[]): Promise<true | undefined> => {
    const rows = await fixture.query<{ tenant_id: string; lag_records: string }>(
      `select tenant_id, lag_records from stream_statistics where stream = 'access' and last_event_at is not null`,
    );
    const isAlone = rows.every((row) => Number(row.lag_records) > 0 === (row.tenant_id === flooding));
    return isAlone && rows.length === 1 + others.length ? true : undefined;
  };

  it('is named by the lag alert, it alone, and the others are read meanwhile', async () => {
    const flooding = await fixture.addSilo();
    const others = [await fixture.addSilo(), await fixture.addSilo(), await fixture.addSilo()];
    await writeFlood(flooding);
    await probe(others, '/probe/before');
    const clock = new ClockAhead();
    await fixture.start({}, clock);
    await fixture.until('the flooding silo alone to be behind', () => isAloneBehind(flooding, others));
    clock.aheadMs = LAG_ALERT_SECONDS * 1_000;
    const lagging = (): Promise<AlertRow[]> => titled("A silo's stream has fallen behind");
    await fixture.until('the lag alert', async () => ((await lagging()).length > 0 ? true : undefined));
    await probe(others, '/probe/after');
    const probes = await fixture.until('the probes of the others', async () => {
      const found = await probesFound();
      return found.length >= 2 * others.length ? found : undefined;
    });
    // Not the one behind the flood, which was not read to its end.
    expect(probes).toEqual(others.flatMap((tenant) => [`${tenant} /probe/after`, `${tenant} /probe/before`]).sort());
    expect(await lagging()).toMatchObject([{ tenant_id: flooding, count: '1', promises: ['MON-1'] }]);
  }, 60_000);

  it('is named all the same while the log refuses what is told of progress', async () => {
    await fixture.log.ensureTopics([
      { name: SIGNALS_TOPIC, partitions: 1, timestamps: 'writer', maxMessageBytes: NARROW.bytes },
    ]);
    const [flooding = ''] = await Promise.all(Array.from({ length: NARROW.silos }, () => fixture.addSilo()));
    await writeFlood(flooding);
    const clock = new ClockAhead();
    const { metrics } = await fixture.start({}, clock);
    const age = async (): Promise<number> =>
      (await metrics.main.getSingleMetric('silowatch_progress_age_seconds')!.get()).values[0]?.value ?? 0;
    await fixture.until('progress to be long untold', async () => ((await age()) > 2.5 ? true : undefined));
    clock.aheadMs = LAG_ALERT_SECONDS * 1_000;
    const lagging = await fixture.until('the lag alert', async () => {
      const found = await titled("A silo's stream has fallen behind");
      return found.length > 0 ? found : undefined;
    });
    expect(lagging).toMatchObject([{ tenant_id: flooding }]);
    expect(await age()).toBeGreaterThan(2.5);
    await widen();
    await fixture.until('progress to be told', async () => ((await age()) < 2 ? true : undefined));
  }, 60_000);

  it('with attacks that are found quicker than they can be counted makes no other wait for all of them, and none is lost', async () => {
    const flooding = await fixture.addSilo();
    const other = await fixture.addSilo();
    const attacks = Array.from({ length: ATTACKS }, (_, at) => {
      return accessLine(new Date(), '/probe/by-many', `203.0.${at >> 8}.${at & 255}`);
    });
    await fixture.log.append(onStream(flooding, 'access', attacks));
    await fixture.start();
    const counted = async (): Promise<number> => {
      const [row] = await fixture.query<{ n: string }>('select count(*) as n from alerts where tenant_id = $1', [
        flooding,
      ]);
      return Number(row?.n);
    };
    await fixture.until('the first attacks are counted', async () => ((await counted()) > 100 ? true : undefined));
    await probe([other], '/probe/meanwhile');
    const before = await fixture.until('the probe of the other', async () => {
      const so = await counted();
      return (await probesFound()).some((text) => text.startsWith(other)) ? so : undefined;
    });
    expect(before).toBeLessThan(ATTACKS / 2);
    await fixture.until('all attacks', async () => ((await counted()) === ATTACKS ? true : undefined), 60_000);
  }, 120_000);
});
