import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runAgent, type RunningAgent } from '../containment/agent/agent.js';
import { FileMemory } from '../containment/agent/file-memory.provider.js';
import type { HookAnswer, HookRequest } from '../containment/agent/hook.js';
import { keyId } from '../containment/agent-token.js';
import { EnrolmentService } from '../containment/enrolment.service.js';
import type { Service } from '../app/serve.js';
import type { Simulator } from './simulator/simulator.js';
import { SAMPLE_SILOS } from './simulator/world.js';

export interface RunningAgents {
  close(): Promise<void>;
}

/** The agent that ships with Silowatch, in each sample silo; its hooks act on the simulated application and firewall. */
export async function runSiloAgents(
  service: Service,
  dataFolder: string,
  simulator: Simulator,
): Promise<RunningAgents> {
  const { platform } = service;
  const enrolment = service.app.get(EnrolmentService, { strict: false });
  const running: RunningAgent[] = [];
  for (const { tenant } of SAMPLE_SILOS) {
    const privateKey = await agentKey(path.join(dataFolder, 'keys', `demo-agent-${tenant}.json`));
    const publicKey = createPublicKey(privateKey).export({ format: 'jwk' });
    const { kid, commandKey } = await enrolment.enrol(tenant, publicKey, 'demo');
    running.push(
      await runAgent({
        ...platform,
        tenant,
        key: { kid, privateKey },
        pinned: await pinned(commandKey),
        hooks: {
          'session.revoke': (request) => revoke(simulator, tenant, request),
          'address.block': (request) => block(simulator, tenant, request),
        },
        memory: await FileMemory.open(path.join(dataFolder, `agent-${tenant}.ndjson`), () => platform.clock.nowMs()),
      }),
    );
  }
  return {
    close: async () => {
      for (const agent of running) await agent.close();
    },
  };
}

async function revoke(simulator: Simulator, tenant: string, { target }: HookRequest): Promise<HookAnswer> {
  const session = String(target['session']);
  await simulator.revokeSession(tenant, session);
  return { status: 200, statusText: `session ${session} is revoked` };
}

async function block(simulator: Simulator, tenant: string, { target }: HookRequest): Promise<HookAnswer> {
  const address = String(target['address']);
  await simulator.blockAddress(tenant, address);
  return { status: 200, statusText: `${address} is blocked` };
}

async function pinned(commandKey: JsonWebKey): Promise<ReadonlyMap<string, KeyObject>> {
  const key = createPublicKey({ key: commandKey, format: 'jwk' });
  return new Map([[await keyId({ kty: 'OKP', crv: 'Ed25519', x: String(commandKey.x) }), key]]);
}

/** Made at the first run and kept, as an agent in a silo keeps its own. */
async function agentKey(file: string): Promise<KeyObject> {
  try {
    return createPrivateKey({ key: JSON.parse(await readFile(file, 'utf8')) as JsonWebKey, format: 'jwk' });
  } catch {
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFile(file, JSON.stringify(privateKey.export({ format: 'jwk' })), { mode: 0o600 });
    return privateKey;
  }
}
