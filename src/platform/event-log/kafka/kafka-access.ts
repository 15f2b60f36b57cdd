import { randomBytes } from 'node:crypto';
import kafkajs, { type AclEntry, type Admin, type Cluster } from 'kafkajs';
import { DomainError } from '../../errors/domain-error.js';
import type { Log } from '../../logging/logging.js';
import { BrokerAccess, type Grant } from '../broker-access.js';
import { clusterOf, newKafka, type KafkaOptions } from './kafka-connection.js';
import { classify } from './kafka-errors.js';
import { decodeScramResponse, encodeScramRequest, type ScramChange } from './scram.js';

// Node sees only some of this CommonJS package's names as named exports.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const ALTER_USER_SCRAM_CREDENTIALS = 51;
/** RESOURCE_NOT_FOUND: there is no such credential to delete. */
const NOT_FOUND = 91;

const OPERATIONS = {
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  describe: AclOperationTypes.DESCRIBE,
} as const;

/** What kafkajs has on a broker's connections beyond its types: the way to send a request that it has no call for. */
interface RawSender {
  readonly connectionPool: {
    send(call: {
      request: {
        apiKey: number;
        apiVersion: number;
        apiName: string;
        encode: () => Promise<{ buf: Buffer; buffer: Buffer }>;
      };
      response: { decode: (data: Buffer) => Promise<Buffer>; parse: (data: Buffer) => Promise<Buffer> };
    }): Promise<Buffer>;
  };
}

/** Principals and their rights at Kafka. */
export class KafkaAccess extends BrokerAccess {
  override readonly hasPrincipals = true;
  readonly #options: KafkaOptions;
  readonly #log: Log;
  #admin: Admin | undefined;
  #cluster: Cluster | undefined;

  constructor(options: KafkaOptions, log: Log) {
    super();
    this.#options = options;
    this.#log = log;
  }

  override async setPassword(principal: string, password: string): Promise<void> {
    const salt = randomBytes(32);
    const [result] = await this.#alterScram([{ user: principal, upsert: { password, salt } }]);
    if (result?.errorCode !== 0) throw refused(`the credential of ${principal}`, result?.message);
  }

  override async grant(principal: string, grants: readonly Grant[]): Promise<void> {
    const acl = grants.flatMap(({ resource, name, operations }) =>
      operations.map((operation) => entry(principal, resource, name, operation)),
    );
    await this.#withAdmin(`rights for ${principal}`, (admin) => admin.createAcls({ acl }));
  }

  override async remove(principal: string): Promise<void> {
    await this.#withAdmin(`removal of ${principal}`, (admin) =>
      admin.deleteAcls({
        filters: [
          {
            principal: `User:${principal}`,
            resourceType: AclResourceTypes.ANY,
            resourcePatternType: ResourcePatternTypes.ANY,
            operation: AclOperationTypes.ANY,
            permissionType: AclPermissionTypes.ANY,
          },
        ],
      }),
    );
    const [result] = await this.#alterScram([{ user: principal }]);
    if (result?.errorCode !== 0 && result?.errorCode !== NOT_FOUND) {
      throw refused(`the removal of ${principal}`, result?.message);
    }
  }

  override async close(): Promise<void> {
    await this.#admin?.disconnect().catch(() => undefined);
    await this.#cluster?.disconnect().catch(() => undefined);
  }

  async #withAdmin<T>(doing: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      if (this.#admin === undefined) {
        this.#admin = newKafka(this.#options, this.#log).admin();
        await this.#admin.connect();
      }
      return await work(this.#admin);
    } catch (error) {
      const admin = this.#admin;
      this.#admin = undefined;
      await admin?.disconnect().catch(() => undefined);
      throw classify(error, doing);
    }
  }

  async #alterScram(changes: readonly ScramChange[]): Promise<ReturnType<typeof decodeScramResponse>> {
    try {
      this.#cluster ??= clusterOf(newKafka(this.#options, this.#log));
      await this.#cluster.connect();
      await this.#cluster.refreshMetadata();
      // A KRaft broker passes it on to its controller.
      const broker = (await this.#cluster.findControllerBroker()) as unknown as RawSender;
      const body = encodeScramRequest(changes);
      const answer = await broker.connectionPool.send({
        request: {
          apiKey: ALTER_USER_SCRAM_CREDENTIALS,
          apiVersion: 0,
          apiName: 'AlterUserScramCredentials',
          encode: () => Promise.resolve({ buf: body, buffer: body }),
        },
        response: { decode: (data) => Promise.resolve(data), parse: (data) => Promise.resolve(data) },
      });
      return decodeScramResponse(answer);
    } catch (error) {
      throw classify(error, 'a change of credentials');
    }
  }
}

function entry(
  principal: string,
  resource: Grant['resource'],
  name: string,
  operation: keyof typeof OPERATIONS,
): AclEntry {
  return {
    principal: `User:${principal}`,
    host: '*',
    resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
  };
}

const refused = (what: string, why: string | undefined): DomainError =>
  new DomainError('EVENT_LOG_NOT_ALLOWED', `Kafka refused ${what}: ${why ?? 'no reason given'}`);
