import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  type Cluster,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  type Producer,
  ResourcePatternTypes,
} from 'kafkajs';
import { KafkaAccess } from '../../../src/platform/event-log/kafka/kafka-access.js';
import { clusterOf } from '../../../src/platform/event-log/kafka/kafka-connection.js';
import { KafkaEventLog } from '../../../src/platform/event-log/kafka/kafka-event-log.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { agentGroup } from '../../../src/silos/silo-principals.js';
import { type IssuedCredential } from '../../../src/silos/silo-provisioning.service.js';
import { siloTermsSchema } from '../../../src/silos/silo.schema.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { testTenant } from '../../harness/servers.js';
import { until } from '../event-log/contract.js';
import { brokerAs, OPERATOR, provisioningOf } from './provisioning.js';

const log = new PinoLog('silent');

/** How Kafka says no; it hides what may not be seen, so that a name cannot be found out by asking. */
const REFUSALS = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
  // What our own client says where it was told in words.
  'EVENT_LOG_NOT_ALLOWED',
];

/** The protocol's names of all errors within one, however kafkajs wrapped them. */
function namesIn(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { type, code } = error as { type?: unknown; code?: unknown };
  const inner = [...Object.values(error), (error as { cause?: unknown }).cause];
  const own = [type, code].filter((name): name is string => typeof name === 'string' && /^[A-Z_]+$/.test(name));
  return [...own, ...inner.flatMap((one) => (Array.isArray(one) ? one : [one]).flatMap((e) => namesIn(e, depth + 1)))];
}

/** A principal's own client, with every call that kafkajs has. */
class Intruder {
  readonly admin: Admin;
  readonly access: KafkaAccess;
  readonly eventLog: KafkaEventLog;
  readonly #kafka: Kafka;
  readonly #cluster: Cluster;
  readonly #producers: Producer[] = [];

  constructor(readonly credential: IssuedCredential) {
    const { principal: username, password } = credential;
    const options = brokerAs({ username, password });
    this.#kafka = new Kafka({
      brokers: [...options.brokers],
      sasl: { mechanism: 'scram-sha-512', username, password },
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    });
    this.admin = this.#kafka.admin();
    this.#cluster = clusterOf(this.#kafka);
    this.access = new KafkaAccess(options, log);
    this.eventLog = new KafkaEventLog(options, log);
  }

  async write(topic: string): Promise<void> {
    await this.eventLog.append([{ topic, partition: 0, key: null, value: 'x' }]);
  }

  /** Writes as a client does that would have the topic made for it. */
  readonly produce = async (topic: string): Promise<void> => {
    const producer = this.#kafka.producer({ allowAutoTopicCreation: true });
    this.#producers.push(producer);
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'x', partition: 0 }] });
  };

  /** A request that goes straight to the broker: kafkajs' own calls hide what it said behind what they make of it. */
  readonly raw = async (request: (broker: RawBroker) => Promise<unknown>): Promise<unknown> => {
    await this.#cluster.connect();
    await this.#cluster.refreshMetadata();
    return request((await this.#cluster.findControllerBroker()) as unknown as RawBroker);
  };

  async close(): Promise<void> {
    await Promise.all([this.admin.disconnect(), ...this.#producers.map((producer) => producer.disconnect())]);
    await this.#cluster.disconnect();
    await this.access.close();
    await this.eventLog.close();
  }
}

/** What kafkajs has on a broker beyond its types. */
interface RawBroker {
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<unknown>;
  describeGroups(request: { groupIds: readonly string[] }): Promise<unknown>;
  offsetFetch(request: { groupId: string; topics: readonly Place[] }): Promise<unknown>;
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: readonly Place[];
  }): Promise<unknown>;
  deleteGroups(groupIds: readonly string[]): Promise<unknown>;
  initProducerId(request: { transactionalId?: string; transactionTimeout: number }): Promise<unknown>;
}

interface Place {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

interface Silo {
  readonly tenant: string;
  readonly shipper: Intruder;
  readonly agent: Intruder;
}

const OURS = 'silowatch-detect-0';
const NOBODY = { groupGenerationId: -1, memberId: '' };
const places = (topic: string): Place[] => [{ topic, partitions: [{ partition: 0, offset: '0' }] }];
const found = (groupId: string) => ({ groupId, coordinatorType: 0 });

type Attempt = (intruder: Intruder, own: string, other: string) => Promise<unknown>;

const acl = (principal: string, name: string) => ({
  principal: `User:${principal}`,
  host: '*',
  resourceType: AclResourceTypes.TOPIC,
  resourceName: name,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  operation: AclOperationTypes.READ,
  permissionType: AclPermissionTypes.ALLOW,
});
const anyAcl = {
  resourceType: AclResourceTypes.ANY,
  resourcePatternType: ResourcePatternTypes.ANY,
  operation: AclOperationTypes.ANY,
  permissionType: AclPermissionTypes.ANY,
};
const configs = (type: ConfigResourceTypes, name: string, configEntries: { name: string; value: string }[]) => ({
  validateOnly: false,
  resources: [{ type, name, configEntries }],
});
const read =
  (topicOf: (own: string, other: string) => string): Attempt =>
  ({ eventLog }, own, other) =>
    eventLog.read(topicOf(own, other), 0, 0, 1);
const write =
  (topicOf: (own: string, other: string) => string): Attempt =>
  (intruder, own, other) =>
    intruder.write(topicOf(own, other));

/** What neither a shipper nor an agent may do. */
const FORBIDDEN: readonly (readonly [what: string, attempt: Attempt])[] = [
  ['read its own access log', read((own) => `silo.${own}.access`)],
  ['read its own audit records', read((own) => `silo.${own}.audit`)],
  ['read its own results', read((own) => `silo.${own}.results`)],
  ["read another silo's access log", read((_, other) => `silo.${other}.access`)],
  ["read another silo's audit records", read((_, other) => `silo.${other}.audit`)],
  ["read another silo's commands", read((_, other) => `silo.${other}.commands`)],
  ["read another silo's results", read((_, other) => `silo.${other}.results`)],
  ['read the signals', read((own) => `silowatch.signals.${own}`)],
  ['read the dead letters', read((own) => `silowatch.dead-letters.${own}`)],
  ['read the positions of all groups', read(() => '__consumer_offsets')],
  ['write its own commands', write((own) => `silo.${own}.commands`)],
  ["write another silo's access log", write((_, other) => `silo.${other}.access`)],
  ["write another silo's audit records", write((_, other) => `silo.${other}.audit`)],
  ["write another silo's commands", write((_, other) => `silo.${other}.commands`)],
  ["write another silo's results", write((_, other) => `silo.${other}.results`)],
  ['write signals', write((own) => `silowatch.signals.${own}`)],
  ['write dead letters', write((own) => `silowatch.dead-letters.${own}`)],
  ['write a topic that is not there, to have it made', ({ produce }, own) => produce(`silo.${own}.more`)],
  [
    'make a topic',
    ({ admin }, own) =>
      admin.createTopics({ waitForLeaders: false, topics: [{ topic: `silo.${own}.more`, numPartitions: 1 }] }),
  ],
  ['delete its own topic', ({ admin }, own) => admin.deleteTopics({ topics: [`silo.${own}.audit`] })],
  ["delete another's topic", ({ admin }, _, other) => admin.deleteTopics({ topics: [`silo.${other}.audit`] })],
  [
    'add partitions',
    ({ admin }, own) => admin.createPartitions({ topicPartitions: [{ topic: `silo.${own}.audit`, count: 8 }] }),
  ],
  [
    'delete records of its own',
    async ({ admin }, own) =>
      admin.deleteTopicRecords({ topic: `silo.${own}.audit`, partitions: [{ partition: 0, offset: '-1' }] }),
  ],
  [
    "shorten its own topic's retention",
    ({ admin }, own) =>
      admin.alterConfigs(
        configs(ConfigResourceTypes.TOPIC, `silo.${own}.audit`, [{ name: 'retention.ms', value: '1' }]),
      ),
  ],
  [
    'read the configuration of its own topic',
    ({ admin }, own) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: `silo.${own}.audit` }],
      }),
  ],
  [
    'read the configuration of the broker',
    ({ admin }) =>
      admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.BROKER, name: '1' }] }),
  ],
  [
    'change the configuration of the broker',
    ({ admin }) =>
      admin.alterConfigs(configs(ConfigResourceTypes.BROKER, '1', [{ name: 'log.retention.ms', value: '1' }])),
  ],
  ["find Silowatch's own group", ({ raw }) => raw((broker) => broker.findGroupCoordinator(found(OURS)))],
  [
    "find another agent's group",
    ({ raw }, _, other) => raw((broker) => broker.findGroupCoordinator(found(agentGroup(other)))),
  ],
  ["look at Silowatch's own group", ({ raw }) => raw((broker) => broker.describeGroups({ groupIds: [OURS] }))],
  [
    "look at another agent's group",
    ({ raw }, _, other) => raw((broker) => broker.describeGroups({ groupIds: [agentGroup(other)] })),
  ],
  [
    "read another group's positions",
    ({ raw }, own, other) =>
      raw((broker) => broker.offsetFetch({ groupId: agentGroup(other), topics: places(`silo.${own}.commands`) })),
  ],
  [
    "set another group's positions",
    ({ raw }, own, other) =>
      raw((broker) =>
        broker.offsetCommit({ groupId: agentGroup(other), ...NOBODY, topics: places(`silo.${own}.commands`) }),
      ),
  ],
  [
    "set Silowatch's own positions",
    ({ raw }, own) =>
      raw((broker) => broker.offsetCommit({ groupId: OURS, ...NOBODY, topics: places(`silo.${own}.audit`) })),
  ],
  ["delete Silowatch's own group", ({ raw }) => raw((broker) => broker.deleteGroups([OURS]))],
  ["delete its agent's group", ({ raw }, own) => raw((broker) => broker.deleteGroups([agentGroup(own)]))],
  ['read the rights', ({ admin }) => admin.describeAcls(anyAcl)],
  [
    'give itself a right',
    ({ admin, credential }, _, other) => admin.createAcls({ acl: [acl(credential.principal, `silo.${other}.access`)] }),
  ],
  ['take rights away', ({ admin }) => admin.deleteAcls({ filters: [anyAcl] })],
  ['change its own password', ({ access, credential }) => access.setPassword(credential.principal, 'chosen')],
  ["change another's password", ({ access }, _, other) => access.setPassword(`silo.${other}.shipper`, 'chosen')],
  ["change Silowatch's password", ({ access }) => access.setPassword('silowatch', 'chosen')],
  ['make a principal', ({ access }) => access.setPassword('silo.intruder.shipper', 'chosen')],
  [
    'begin a transaction',
    ({ raw }, own) =>
      raw((broker) => broker.initProducerId({ transactionalId: `silo.${own}`, transactionTimeout: 1_000 })),
  ],
  ['see how partitions move', ({ admin }) => admin.listPartitionReassignments({})],
  [
    'move partitions',
    ({ admin }, own) =>
      admin.alterPartitionReassignments({
        topics: [{ topic: `silo.${own}.audit`, partitionAssignment: [{ partition: 0, replicas: [1] }] }],
      }),
  ],
];

describe('what a silo may do at the broker', () => {
  let db: TestDatabase;
  let platform: KafkaEventLog;
  let access: KafkaAccess;
  let own: Silo;
  let other: Silo;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new KafkaEventLog(brokerAs(), log);
    access = new KafkaAccess(brokerAs(), log);
    const provisioning = provisioningOf(db.database, platform, access);
    const make = async (): Promise<Silo> => {
      const tenant = testTenant();
      const { issued } = await provisioning.add(siloTermsSchema.parse({ tenant }), OPERATOR);
      const of = (kind: string): Intruder => new Intruder(issued.find((credential) => credential.kind === kind)!);
      const silo = { tenant, shipper: of('shipper'), agent: of('agent') };
      // A new credential takes a moment to reach the broker's memory.
      for (const [intruder, channel] of [
        [silo.shipper, 'access'],
        [silo.agent, 'results'],
      ] as const) {
        await until('its own topic takes its record', () =>
          intruder.write(`silo.${tenant}.${channel}`).then(
            () => true,
            () => false,
          ),
        );
        await intruder.admin.connect();
      }
      return silo;
    };
    own = await make();
    other = await make();
    // Of this test alone: another one runs a whole service on this broker.
    await platform.ensureTopics(
      ['signals', 'dead-letters'].map((name) => ({
        name: `silowatch.${name}.${own.tenant}`,
        partitions: 1,
        timestamps: 'arrival' as const,
      })),
    );
  }, 60_000);

  afterAll(async () => {
    for (const { shipper, agent } of [own, other]) {
      await shipper.close();
      await agent.close();
    }
    await platform.close();
    await access.close();
    await db.drop();
  });

  const expectRefused = async (attempt: Promise<unknown>): Promise<void> => {
    const answer = await attempt.then(
      (done) => {
        // Some answers carry the refusal of each item.
        const names = [...new Set(namesIn(done))];
        return names.length === 0 ? [`was done: ${JSON.stringify(done)}`] : names;
      },
      (error: unknown) => {
        const names = [...new Set(namesIn(error))].filter((name) => !/^EVENT_LOG_(?!NOT_ALLOWED)/.test(name));
        return names.length === 0 ? [`failed otherwise: ${String(error)}`] : names;
      },
    );
    expect(REFUSALS).toEqual(expect.arrayContaining(answer));
  };

  describe.each(['shipper', 'agent'] as const)('as %s', (kind) => {
    it.each(FORBIDDEN)('it may not %s', async (_what, attempt) => {
      await expectRefused(attempt(own[kind], own.tenant, other.tenant));
    });
  });

  it('a shipper may neither write results nor read commands', async () => {
    await expectRefused(own.shipper.write(`silo.${own.tenant}.results`));
    await expectRefused(own.shipper.eventLog.read(`silo.${own.tenant}.commands`, 0, 0, 1));
    await expectRefused(own.shipper.raw((broker) => broker.findGroupCoordinator(found(agentGroup(own.tenant)))));
  });

  it('an agent may write no log, and read its commands', async () => {
    await expectRefused(own.agent.write(`silo.${own.tenant}.access`));
    await expectRefused(own.agent.write(`silo.${own.tenant}.audit`));
    expect(await own.agent.eventLog.read(`silo.${own.tenant}.commands`, 0, 0, 1)).toEqual([]);
  });

  it('who may write may do so idempotently, as shippers do', async () => {
    const begin = (): Promise<unknown> =>
      own.shipper.raw((broker) => broker.initProducerId({ transactionTimeout: 1_000 }));
    // The broker makes what it needs for this at the first request.
    await until('a producer has its number', () =>
      begin().then(
        () => true,
        () => false,
      ),
    );
  });

  it('nothing of all that was tried has changed anything', async () => {
    for (const { tenant } of [own, other]) {
      expect(await platform.offsets(`silo.${tenant}.access`)).toEqual([{ partition: 0, start: 0, end: 1 }]);
      expect(await platform.offsets(`silo.${tenant}.audit`)).toEqual([{ partition: 0, start: 0, end: 0 }]);
      expect(await platform.offsets(`silo.${tenant}.commands`)).toEqual([{ partition: 0, start: 0, end: 0 }]);
      expect(await platform.offsets(`silo.${tenant}.results`)).toEqual([{ partition: 0, start: 0, end: 1 }]);
    }
    const names = (await platform.listTopics()).map(({ name }) => name);
    expect(names).not.toContain(`silo.${own.tenant}.more`);
    await other.shipper.write(`silo.${other.tenant}.audit`);
  });
});
