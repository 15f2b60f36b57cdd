import { siloTopic } from '../../../src/platform/event-log/topics.js';
import { kafkaAddress, testTenant } from '../../harness/servers.js';
import { intakeRig, type IntakeRig } from './intake-rig.js';

let rig: IntakeRig;
beforeAll(async () => {
  const { brokers, username, password } = kafkaAddress();
  rig = await intakeRig({
    KAFKA_BROKERS: brokers,
    KAFKA_USERNAME: username,
    KAFKA_PASSWORD: password,
    KAFKA_ALLOW_UNREPLICATED: 'true',
  });
});
afterAll(() => rig.stop());

it('bodies over HTTP reach every partition of a silo’s topic on Kafka, each in order, up to the largest record', async () => {
  const tenant = testTenant();
  const headers = {
    authorization: `Bearer ${await rig.addSilo(tenant, { partitions: 3 })}`,
    'content-type': 'application/x-ndjson',
  };
  const bodies = Array.from({ length: 6 }, (_, body) =>
    Array.from({ length: 500 }, (_, n) => JSON.stringify({ body, n })).join('\n'),
  );
  const replies = await Promise.all(bodies.map((body) => rig.send('/intake/audit', body, headers)));
  expect(replies.map(({ json }) => json)).toEqual(bodies.map(() => ({ accepted: 500, rejected: 0, errors: [] })));
  const topic = siloTopic(tenant, 'audit');
  for (const partition of [0, 1, 2]) {
    const records = await rig.service.platform.eventLog.read(topic, partition, 0, 5000);
    const read = records.map(({ value }) => JSON.parse(value?.toString() ?? '') as { body: number; n: number });
    expect(read.length).toBe(1000);
    for (const body of new Set(read.map((record) => record.body))) {
      expect(read.filter((record) => record.body === body).map(({ n }) => n)).toEqual(
        Array.from({ length: 500 }, (_, n) => n),
      );
    }
  }
  const largest = JSON.stringify({ text: 'x'.repeat(1024 * 1024 - 1100) });
  expect((await rig.send('/intake/audit', largest, headers)).json).toMatchObject({ accepted: 1 });
  expect((await rig.send('/intake/audit', largest + ' '.repeat(1200), headers)).status).toBe(413);
});

it('a topic that is gone is not answered as if it had taken anything', async () => {
  const tenant = testTenant();
  const headers = { authorization: `Bearer ${await rig.addSilo(tenant)}`, 'content-type': 'application/json' };
  await rig.service.platform.eventLog.deleteTopics([siloTopic(tenant, 'audit')]);
  const { status, json } = await rig.send('/intake/audit', '{"a":1}', headers);
  expect([status, json.code]).toEqual([503, 'INTAKE_LOG_UNAVAILABLE']);
});
