import { forgetSource } from '../../../src/correlate/forget-source.js';
import { siloTopic } from '../../../src/platform/event-log/topics.js';
import { type AddedSilo, type SiloProvisioning } from '../../../src/silos/silo-provisioning.service.js';
import { siloTermsSchema } from '../../../src/silos/silo.schema.js';
import { PipelineFixture } from '../pipeline/fixture.js';
import { accessLine, auditRecord, onStream } from '../pipeline/records.js';
import { OPERATOR, provisioningOf } from './provisioning.js';

/** Readers of a test look five times a second which topics there are. */
const READERS_LET_GO_MS = 5_000;

describe('a silo of which somebody deleted a topic', () => {
  let fixture: PipelineFixture;
  let tenant: string;
  let provisioning: SiloProvisioning;
  beforeEach(async () => {
    fixture = await PipelineFixture.open('kafka', { partitions: 1 });
    tenant = await fixture.addSilo();
    provisioning = provisioningOf(fixture.db.database, fixture.log);
  });
  afterEach(() => fixture.close());

  const add = (): Promise<AddedSilo> =>
    provisioning.add(siloTermsSchema.parse({ tenant }), OPERATOR, READERS_LET_GO_MS);
  const probe = (...names: string[]): Promise<unknown> =>
    fixture.log.append(
      onStream(
        tenant,
        'access',
        names.map((name) => accessLine(new Date(), `/probe/${name}`)),
      ),
    );
  const fail = (...numbers: number[]): Promise<unknown> =>
    fixture.log.append(
      onStream(
        tenant,
        'audit',
        numbers.map((i) => auditRecord({ time: new Date(), ip: '192.0.2.3', id: `${tenant}-${i}` })),
      ),
    );
  const found = async (): Promise<string[]> =>
    (await fixture.alerts())
      .filter(({ rule_title: title }) => title === 'A probe')
      .map(({ grouping, count }) => `${grouping[1] ?? ''} ${count}`)
      .sort();
  const untilFound = (...names: string[]): Promise<unknown> =>
    fixture.until(
      names.join(' '),
      async () => {
        const present = await found();
        return names.every((name) => present.some((one) => one.startsWith(`/probe/${name} `))) || undefined;
      },
      40_000,
    );

  it.each(['runs on', 'is stopped'])(
    'has it made anew by silo add, and nothing of it is taken for a repeat or twice, while the service %s',
    async (how) => {
      const before = await add();
      const first = await fixture.start();
      await probe('a1', 'a2', 'a3');
      await fail(1, 2);
      await untilFound('a1', 'a2', 'a3');
      if (how === 'is stopped') await fixture.stop(first);
      await fixture.log.deleteTopics([siloTopic(tenant, 'access')]);
      const after = await add();
      expect([before.outcome, after.outcome]).toEqual(['updated', 'remade']);
      expect(after.silo.incarnation).toBeGreaterThan(before.silo.incarnation);
      if (how === 'is stopped') await fixture.start();
      await probe('b1', 'b2', 'b3', 'b4');
      await untilFound('b1', 'b2', 'b3', 'b4');
      expect(await found()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4'].map((name) => `/probe/${name} 1`));
      // The stream whose topic stayed goes on where it was.
      await fail(3);
      const alert = await fixture.until('the third failure', async () =>
        (await fixture.alerts()).find(({ rule_title: title }) => title === 'Many failed sign-ins'),
      );
      expect(alert.count).toBe('3');
      expect((await add()).silo).toEqual(after.silo);

      await provisioning.remove(tenant, OPERATOR, 0);
      await fixture.until('all marks to be forgotten', async () =>
        (await forgetSource(fixture.db.database, fixture.log, after.silo)) ? true : undefined,
      );
      expect(await fixture.query('select * from correlate_marks where incarnation > 0')).toEqual([]);
    },
    120_000,
  );
});
