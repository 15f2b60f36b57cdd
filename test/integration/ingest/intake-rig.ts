import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { TrailRepository, type Actor } from '../../../src/access/trail.repository.js';
import type { Env } from '../../../src/app/platform.js';
import { parseRecord } from '../../../src/ingest/formats/parse-record.js';
import type { ParsedRecord } from '../../../src/ingest/formats/parsed-record.js';
import { envelopeOf } from '../../../src/ingest/record-envelope.js';
import type { LogRecord } from '../../../src/platform/event-log/event-log.js';
import { siloTopic, type Stream } from '../../../src/platform/event-log/topics.js';
import { NoBrokerAccess } from '../../../src/platform/event-log/broker-access.js';
import { IntakeTokenRepository } from '../../../src/silos/intake-token.repository.js';
import { IntakeTokenService } from '../../../src/silos/intake-token.service.js';
import { SiloBroker } from '../../../src/silos/silo-broker.service.js';
import { SiloCredentialRepository } from '../../../src/silos/silo-credential.repository.js';
import { SiloProvisioning } from '../../../src/silos/silo-provisioning.service.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { siloTermsSchema } from '../../../src/silos/silo.schema.js';
import { testService, type TestService } from '../../harness/service.js';

export const OPERATOR: Actor = { kind: 'operator', id: 'test' };

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON; undefined when it is none. */
  readonly json: any;
}

export interface IntakeRig {
  readonly service: TestService;
  readonly tokens: IntakeTokenService;
  readonly provisioning: SiloProvisioning;
  /** Makes a silo and gives the text of its intake token. */
  addSilo(tenant: string, terms?: object): Promise<string>;
  records(tenant: string, stream: Stream): Promise<readonly LogRecord[]>;
  /** What a stream's records are read as, with the formats and the envelopes that they travel with. */
  events(tenant: string, stream: Stream): Promise<readonly ParsedRecord[]>;
  send(
    path: string,
    body: string | Buffer | undefined,
    headers: Record<string, string>,
    method?: string,
  ): Promise<Reply>;
  stop(): Promise<void>;
}

/** The whole service, with silos that send to it over HTTP. */
export async function intakeRig(env: Env = {}): Promise<IntakeRig> {
  const service = await testService({ env });
  const { database, eventLog, clock, ids } = service.platform;
  const silos = new SiloRepository();
  const trail = new TrailRepository(clock, ids);
  const tokens = new IntakeTokenService(database, silos, new IntakeTokenRepository(), trail, { clock, ids });
  const broker = new SiloBroker(eventLog, new NoBrokerAccess());
  const credentials = new SiloCredentialRepository();
  const provisioning = new SiloProvisioning(database, silos, credentials, broker, trail, { clock, ids });
  const agent = new Agent({ keepAlive: true });
  const records = async (tenant: string, stream: Stream): Promise<readonly LogRecord[]> => {
    const topic = siloTopic(tenant, stream);
    const parts = await eventLog.offsets(topic);
    return (
      await Promise.all(parts.map(({ partition, start }) => eventLog.read(topic, partition, start, 50_000)))
    ).flat();
  };
  return {
    service,
    tokens,
    provisioning,
    records,
    addSilo: async (tenant, terms = {}) => {
      await provisioning.add(siloTermsSchema.parse({ tenant, ...terms }), OPERATOR);
      return (await tokens.issue(tenant, OPERATOR)) ?? '';
    },
    events: async (tenant, stream) =>
      (await records(tenant, stream)).map((record) =>
        parseRecord(record.value ?? Buffer.alloc(0), {
          arrivalMs: record.timestampMs,
          envelope: envelopeOf(record),
          ...(record.headers['format'] && { format: record.headers['format'].toString() }),
        }),
      ),
    send: (path, body, headers, method = 'POST') => sendTo(new URL(path, service.url), agent, method, body, headers),
    stop: async () => {
      agent.destroy();
      await service.stop();
    },
  };
}

export function sendTo(
  url: URL,
  agent: Agent,
  method: string,
  body: string | Buffer | undefined,
  headers: Record<string, string>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json: jsonOf(bytes) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
