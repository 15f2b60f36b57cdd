import type { MailAddress } from './greenmail.js';
import type { KafkaAddress } from './kafka.js';

/** Addresses of the servers that test/harness/start-servers.ts started, handed to the test processes through the environment. */
export interface Servers {
  readonly postgresSuperuserUrl: string;
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  readonly workerUrl: string;
  readonly kafka?: KafkaAddress;
  readonly mail?: MailAddress;
}

export const SERVERS_VARIABLE = 'SILOWATCH_TEST_SERVERS';
export const TEMPLATE_DATABASE = 'silowatch_template';

export function servers(): Servers {
  const text = process.env[SERVERS_VARIABLE];
  if (text === undefined) throw new Error('The servers are not started: run this test through npm test');
  return JSON.parse(text) as Servers;
}

export function kafkaAddress(): KafkaAddress {
  const { kafka } = servers();
  if (kafka === undefined) throw new Error('Kafka is not started: TEST_SERVERS leaves it out');
  return kafka;
}

export function mailAddress(): MailAddress {
  const { mail } = servers();
  if (mail === undefined) throw new Error('The mail server is not started: TEST_SERVERS leaves it out');
  return mail;
}

let count = 0;

/** A tenant label that no other test uses, so that tests share one broker: topics are then `silo.<label>.access` and so on. */
export function testTenant(): string {
  count += 1;
  return `t${process.pid}-${Date.now().toString(36)}-${count}`;
}
