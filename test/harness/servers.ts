/** Addresses of the servers that test/harness/start-servers.ts started, handed to the test processes through the environment. */
export interface Servers {
  readonly postgresSuperuserUrl: string;
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  readonly workerUrl: string;
}

export const SERVERS_VARIABLE = 'SILOWATCH_TEST_SERVERS';
export const TEMPLATE_DATABASE = 'silowatch_template';

export function servers(): Servers {
  const text = process.env[SERVERS_VARIABLE];
  if (text === undefined) throw new Error('The servers are not started: run this test through npm test');
  return JSON.parse(text) as Servers;
}
