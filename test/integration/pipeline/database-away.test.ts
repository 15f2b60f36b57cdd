import pg from 'pg';
import { servers } from '../../harness/servers.js';
import { PipelineFixture } from './fixture.js';
import { accessLine, onStream } from './records.js';

/** Takes the fixture's database away from everybody, connections that stand included, or gives it back. */
async function setReachable(fixture: PipelineFixture, isReachable: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: servers().postgresSuperuserUrl });
  await client.connect();
  try {
    await client.query(`alter database ${fixture.db.name} allow_connections ${String(isReachable)}`);
    if (!isReachable) {
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        fixture.db.name,
      ]);
    }
  } finally {
    await client.end();
  }
}

describe('the pipeline, while its database is away', () => {
  let fixture: PipelineFixture;
  beforeEach(async () => {
    fixture = await PipelineFixture.open('kafka');
  });
  afterEach(async () => {
    await setReachable(fixture, true);
    await fixture.close();
  });

  it('goes on reading, and raises every alert once when it is back', async () => {
    const tenants = [await fixture.addSilo(), await fixture.addSilo()];
    const pipeline = await fixture.start();
    const probes = (round: number): Promise<unknown> =>
      fixture.log.append(
        tenants.flatMap((tenant) =>
          onStream(
            tenant,
            'access',
            Array.from({ length: 60 }, (_, i) =>
              accessLine(new Date(), `/probe/${round}/${i}`, `198.51.${round}.${i}`),
            ),
          ),
        ),
      );
    const countOfRead = async (): Promise<number> => {
      const metric = await pipeline.metrics.main.getSingleMetric('silowatch_events_total')?.get();
      return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
    };
    await probes(1);
    await fixture.untilAlerts(120);
    await setReachable(fixture, false);
    await probes(2);
    await probes(3);
    await fixture.until('detect has read on', async () => ((await countOfRead()) === 360 ? true : undefined));
    await setReachable(fixture, true);
    const alerts = await fixture.untilAlerts(360);
    expect(alerts.map(({ count }) => Number(count))).toEqual(Array.from({ length: 360 }, () => 1));
    expect(new Set(alerts.map(({ tenant_id: tenant, grouping }) => `${tenant} ${grouping.join(' ')}`)).size).toBe(360);
    const jobs = await fixture.jobs();
    expect(new Set(jobs)).toEqual(new Set(alerts.map(({ id }) => id)));
    expect(jobs).toHaveLength(360);
  });
});
