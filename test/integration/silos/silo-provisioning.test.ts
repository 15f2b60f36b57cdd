import { CompressionTypes, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { silo as siloScope, system } from '../../../src/platform/database/scope.js';
import { EmbeddedEventLog } from '../../../src/platform/event-log/embedded/embedded-event-log.js';
import type { EventLog } from '../../../src/platform/event-log/event-log.js';
import { KafkaAccess } from '../../../src/platform/event-log/kafka/kafka-access.js';
import { KafkaEventLog } from '../../../src/platform/event-log/kafka/kafka-event-log.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { agentGroup } from '../../../src/silos/silo-principals.js';
import { type SiloProvisioning, type IssuedCredential } from '../../../src/silos/silo-provisioning.service.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { siloTermsSchema, type SiloTerms } from '../../../src/silos/silo.schema.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { kafkaAddress, testTenant } from '../../harness/servers.js';
import { until } from '../event-log/contract.js';
import { brokerAs, OPERATOR, provisioningOf } from './provisioning.js';

const log = new PinoLog('silent');
const clock = new SystemClock();
const terms = (tenant: string, more: object = {}): SiloTerms => siloTermsSchema.parse({ tenant, ...more });
const silos = new SiloRepository();

const actions = (db: TestDatabase): Promise<string[]> =>
  db.database.transaction(system('operator'), async (tx) =>
    (await tx.query<{ action: string }[]>(`select action from trail_entries order by id`)).map(({ action }) => action),
  );

describe('a silo on Kafka', () => {
  let db: TestDatabase;
  let admin: KafkaEventLog;
  let access: KafkaAccess;
  let service: SiloProvisioning;
  let opened: EventLog[];
  let a: string;
  let b: string;
  beforeEach(async () => {
    db = await testDatabase();
    admin = new KafkaEventLog(brokerAs(), log);
    access = new KafkaAccess(brokerAs(), log);
    service = provisioningOf(db.database, admin, access);
    opened = [admin];
    a = testTenant();
    b = testTenant();
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await access.close();
    await db.drop();
  });

  const as = (username: string, password: string): KafkaEventLog => {
    const { brokers } = kafkaAddress();
    const eventLog = new KafkaEventLog(
      { brokers: brokers.split(','), credentials: { username, password: new Secret(password) }, discoverEveryMs: 200 },
      log,
    );
    opened.push(eventLog);
    return eventLog;
  };
  const of = (issued: readonly IssuedCredential[], kind: string): IssuedCredential =>
    issued.find((credential) => credential.kind === kind)!;
  const write = (eventLog: EventLog, topic: string): Promise<unknown> =>
    eventLog.append([{ topic, partition: 0, key: null, value: 'x' }]);
  /** A new credential takes a moment to reach the broker's memory. */
  const works = (what: string, attempt: () => Promise<unknown>): Promise<void> =>
    until(what, () =>
      attempt().then(
        () => true,
        () => false,
      ),
    );
  const refused = { code: 'EVENT_LOG_NOT_ALLOWED' };
  /** Kafka hides what may not be seen. */
  const hidden = { code: expect.stringMatching(/^EVENT_LOG_(NOT_ALLOWED|UNKNOWN_TOPIC)$/) as string };

  it('is made in one step, and repeating it changes only what is given', async () => {
    const first = await service.add(
      terms(a, {
        name: 'Harbor',
        noticeHours: 24,
        contacts: [{ role: 'security', name: 'Ada', email: 'ada@harbor.example' }],
      }),
      OPERATOR,
    );
    expect(first.outcome).toBe('added');
    expect(first.issued.map(({ principal }) => principal)).toEqual([`silo.${a}.shipper`, `silo.${a}.agent`]);
    expect(
      (await admin.listTopics())
        .filter(({ name }) => name.startsWith(`silo.${a}.`))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['access', 'audit', 'commands', 'results'].map((channel) => `silo.${a}.${channel}`));
    const again = await service.add(terms(a, { language: 'de' }), OPERATOR);
    expect(again).toMatchObject({ outcome: 'updated', issued: [] });
    expect(again.silo).toEqual({ ...first.silo, language: 'de' });
    expect(await actions(db)).toEqual(['silo.add', 'silo_credential.issue', 'silo_credential.issue', 'silo.update']);
    const contacts = await db.database.transaction(siloScope(a), (tx) => silos.contacts(tx, a));
    expect(contacts).toMatchObject([{ email: 'ada@harbor.example', role: 'security' }]);
  });

  it('completes what a crash left undone', async () => {
    await db.database.transaction(system('operator'), (tx) =>
      silos.upsert(tx, {
        ...terms(a),
        name: a,
        timeZone: 'UTC',
        language: 'en',
        jurisdictions: [],
        noticeHours: 72,
        createdAt: new Date(),
      }),
    );
    const { outcome, issued } = await service.add(terms(a), OPERATOR, 0);
    expect(outcome).toBe('remade');
    await works('the shipper writes', () =>
      write(as(of(issued, 'shipper').principal, of(issued, 'shipper').password), `silo.${a}.access`),
    );
  });

  it('has a shipper that may write its own streams, and nothing else', async () => {
    const { issued } = await service.add(terms(a), OPERATOR);
    await service.add(terms(b), OPERATOR);
    const { principal, password } = of(issued, 'shipper');
    const shipper = as(principal, password);
    await works('the shipper writes', () => write(shipper, `silo.${a}.access`));
    await write(shipper, `silo.${a}.audit`);
    for (const topic of [`silo.${b}.access`, `silo.${b}.audit`, `silo.${a}.commands`, `silo.${a}.results`]) {
      await expect(write(shipper, topic)).rejects.toMatchObject(hidden);
    }
    const platform = [`silowatch.signals.${a}`, `silowatch.dead-letters.${a}`];
    await admin.ensureTopics(platform.map((name) => ({ name, partitions: 1, timestamps: 'arrival' as const })));
    for (const topic of platform) await expect(write(shipper, topic)).rejects.toMatchObject(hidden);
    await expect(shipper.read(`silo.${a}.access`, 0, 0, 1)).rejects.toMatchObject(refused);
    await expect(shipper.read(`silo.${b}.access`, 0, 0, 1)).rejects.toMatchObject(hidden);
    await expect(shipper.read(platform[0] ?? '', 0, 0, 1)).rejects.toMatchObject(hidden);
    expect((await shipper.listTopics()).map(({ name }) => name).sort()).toEqual([
      `silo.${a}.access`,
      `silo.${a}.audit`,
    ]);
    await expect(
      shipper.ensureTopics([{ name: `silo.${a}.more`, partitions: 1, timestamps: 'arrival' }]),
    ).rejects.toThrow();
    await expect(shipper.deleteTopics([`silo.${a}.access`])).rejects.toMatchObject(refused);
    expect(await admin.offsets(`silo.${b}.access`)).toEqual([{ partition: 0, start: 0, end: 0 }]);
  });

  it('has an agent that may read its commands in its own group and write its results, and nothing else', async () => {
    const { issued } = await service.add(terms(a), OPERATOR);
    await service.add(terms(b), OPERATOR);
    const { principal, password } = of(issued, 'agent');
    const agent = as(principal, password);
    await works('the agent writes', () => write(agent, `silo.${a}.results`));
    for (const topic of [`silo.${a}.access`, `silo.${a}.audit`, `silo.${a}.commands`, `silo.${b}.results`]) {
      await expect(write(agent, topic)).rejects.toMatchObject(hidden);
    }
    await write(admin, `silo.${a}.commands`);
    await write(admin, `silo.${b}.commands`);
    const seen: string[] = [];
    const listen = (group: string): ReturnType<EventLog['consume']> =>
      agent.consume({
        group,
        topics: () => Promise.resolve([`silo.${a}.commands`, `silo.${b}.commands`]),
        handler: ({ topic }) => {
          seen.push(topic);
          return Promise.resolve();
        },
      });
    const stranger = await listen(agentGroup(b));
    await until('the other group is refused', () => stranger.stopped().length > 0);
    expect(seen).toEqual([]);
    await stranger.close();
    await listen(agentGroup(a));
    await until('the command is read', () => seen.length > 0);
    expect(seen).toEqual([`silo.${a}.commands`]);
    await expect(agent.read(`silo.${a}.results`, 0, 0, 1)).rejects.toMatchObject(refused);
  });

  it('rotates a password: the old one ends', async () => {
    const { issued } = await service.add(terms(a), OPERATOR);
    const old = of(issued, 'shipper');
    await works('the old one writes', () => write(as(old.principal, old.password), `silo.${a}.access`));
    const [renewed] = await service.rotate(a, ['shipper'], OPERATOR);
    expect(renewed?.password).not.toBe(old.password);
    await works('the new one writes', () => write(as(renewed!.principal, renewed!.password), `silo.${a}.access`));
    await expect(write(as(old.principal, old.password), `silo.${a}.access`)).rejects.toMatchObject(refused);
    await expect(service.rotate('nobody', ['shipper'], OPERATOR)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('loses no record over a rotation: the shipper sends again what was refused, under its new password', async () => {
    const { issued } = await service.add(terms(a), OPERATOR);
    const first = of(issued, 'shipper');
    const topic = `silo.${a}.access`;
    await works('the first one may write', () => as(first.principal, first.password).offsets(topic));
    let shipper = as(first.principal, first.password);
    let renewed: IssuedCredential | undefined;
    for (let i = 0; i < 40; i += 1) {
      if (i === 20) {
        renewed = (await service.rotate(a, ['shipper'], OPERATOR))[0];
        // Its connections end, as when the shipper restarts with what it was given.
        shipper = as(first.principal, first.password);
      }
      const send = (): Promise<unknown> =>
        shipper.append([{ topic, partition: 0, key: null, value: `record ${i}` }]).catch((error: unknown) => {
          if (renewed !== undefined) shipper = as(renewed.principal, renewed.password);
          throw error;
        });
      await works(`record ${i} is taken`, send);
    }
    const stored = (await admin.read(topic, 0, 0, 1_000)).map(({ value }) => value?.toString() ?? '');
    expect([...new Set(stored)]).toEqual(Array.from({ length: 40 }, (_, i) => `record ${i}`));
  });

  it('is removed with its topics and rights, and comes back under a new incarnation', async () => {
    const { silo, issued } = await service.add(terms(a), OPERATOR);
    const shipper = of(issued, 'shipper');
    await works('it writes', () => write(as(shipper.principal, shipper.password), `silo.${a}.access`));
    await service.remove(a, OPERATOR, 0);
    await service.remove(a, OPERATOR, 0);
    await until(
      'the topics are gone',
      async () => !(await admin.listTopics()).some(({ name }) => name.startsWith(`silo.${a}.`)),
    );
    const back = await service.add(terms(a), OPERATOR);
    expect(back.silo.incarnation).toBeGreaterThan(silo.incarnation);
    expect(back.issued).toHaveLength(2);
    await expect(write(as(shipper.principal, shipper.password), `silo.${a}.access`)).rejects.toMatchObject(refused);
    expect((await actions(db)).filter((action) => action === 'silo.remove')).toHaveLength(1);
  });

  it('has topics that stamp arrival, and store unpacked what a shipper compressed', async () => {
    const { issued } = await service.add(terms(a), OPERATOR);
    const { brokers, username, password } = kafkaAddress();
    const config = new Kafka({
      brokers: brokers.split(','),
      sasl: { mechanism: 'scram-sha-512', username, password },
      logLevel: logLevel.NOTHING,
    }).admin();
    await config.connect();
    const { resources } = await config.describeConfigs({
      includeSynonyms: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: `silo.${a}.access`,
          configNames: ['message.timestamp.type', 'compression.type', 'max.message.bytes'],
        },
      ],
    });
    await config.disconnect();
    expect(
      Object.fromEntries(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ).toEqual({
      'message.timestamp.type': 'LogAppendTime',
      'compression.type': 'uncompressed',
      'max.message.bytes': '1048576',
    });
    const shipper = of(issued, 'shipper');
    await works('it writes', () => write(as(shipper.principal, shipper.password), `silo.${a}.audit`));
    const producer = new Kafka({
      brokers: brokers.split(','),
      sasl: { mechanism: 'scram-sha-512', username: shipper.principal, password: shipper.password },
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    }).producer({ createPartitioner: () => () => 0 });
    await producer.connect();
    const send = (value: string): Promise<unknown> =>
      producer.send({
        topic: `silo.${a}.access`,
        compression: CompressionTypes.GZIP,
        messages: [{ value, timestamp: '1' }],
      });
    try {
      await send('small');
      // A few KiB on the wire, 50 MB unpacked.
      await expect(send('0'.repeat(50 * 1024 * 1024))).rejects.toThrow(/larger than the max/);
    } finally {
      await producer.disconnect();
    }
    const [record] = await admin.read(`silo.${a}.access`, 0, 0, 10);
    expect(record?.value?.toString()).toBe('small');
    // Not the shipper's 1970.
    expect(Math.abs(Date.now() - record!.timestampMs)).toBeLessThan(60_000);
  });
});

describe('a silo on the embedded log', () => {
  let db: TestDatabase;
  let eventLog: EmbeddedEventLog;
  beforeEach(async () => {
    db = await testDatabase();
    eventLog = new EmbeddedEventLog({ url: db.serviceUrl }, clock, log);
  });
  afterEach(async () => {
    await eventLog.close();
    await db.drop();
  });

  it('has topics and no credentials, and is removed with them', async () => {
    const service = provisioningOf(db.database, eventLog);
    const { issued } = await service.add(terms('harbor', { partitions: 2 }), OPERATOR);
    expect(issued).toEqual([]);
    expect(await eventLog.listTopics()).toEqual(
      expect.arrayContaining([
        { name: 'silo.harbor.access', partitions: 2 },
        { name: 'silo.harbor.commands', partitions: 1 },
      ]),
    );
    expect(await service.rotate('harbor', ['agent'], OPERATOR)).toEqual([]);
    await service.remove('harbor', OPERATOR, 0);
    expect(await eventLog.listTopics()).toEqual([]);
    const listed = await db.database.transaction(system('silo-directory'), (tx) => silos.list(tx));
    expect(listed).toMatchObject([{ tenant: 'harbor', state: 'removed' }]);
  });

  it('is seen by its own scope and not by another', async () => {
    const service = provisioningOf(db.database, eventLog);
    await service.add(terms('harbor'), OPERATOR);
    await service.add(terms('quay'), OPERATOR);
    const seen = await db.database.transaction(siloScope('quay'), (tx) => silos.list(tx));
    expect(seen.map(({ tenant }) => tenant)).toEqual(['quay']);
    expect(await db.database.transaction(siloScope('quay'), (tx) => silos.find(tx, 'harbor'))).toBeUndefined();
  });
});
