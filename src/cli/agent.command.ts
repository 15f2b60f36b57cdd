import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { TrailRepository } from '../access/trail.repository.js';
import { agentConfigSchema, type AgentConfig } from '../containment/agent/agent-config.schema.js';
import { runAgent } from '../containment/agent/agent.js';
import { configuredHook } from '../containment/agent/configured-hook.provider.js';
import { FileMemory } from '../containment/agent/file-memory.provider.js';
import { AgentKeyRepository } from '../containment/agent-key.repository.js';
import { keyId } from '../containment/agent-token.js';
import { EnrolmentService } from '../containment/enrolment.service.js';
import { KeyFileSigner } from '../containment/key-file-signer.provider.js';
import { SystemClock } from '../platform/clock/clock.js';
import { Secret } from '../platform/config/secret.js';
import { KafkaEventLog } from '../platform/event-log/kafka/kafka-event-log.js';
import { RandomIds } from '../platform/ids/ids.js';
import { PinoLog } from '../platform/logging/logging.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import { SiloRepository } from '../silos/silo.repository.js';
import { CliError, systemReason } from './cli-error.js';
import { withPlatform } from './with-platform.js';

export function register(program: Command): void {
  const agent = program
    .command('agent')
    .description('the agent inside a silo: carries out signed containment commands')
    .option('--config <file>', 'run the agent that this file describes')
    .addHelpText('after', '\nExample:\n  silowatch agent --config /etc/silowatch/agent.yaml')
    .action(async ({ config }: { config?: string }) => {
      if (config === undefined) throw new CliError('Name the agent’s file: silowatch agent --config FILE');
      await run(config);
    });
  agent
    .command('init')
    .description('in the silo: make the agent’s key and print its public part')
    .option('--dir <folder>', 'where the key is kept', '.')
    .addHelpText('after', '\nExample:\n  silowatch agent init --dir /etc/silowatch')
    .action(({ dir }: { dir: string }) => init(dir));
  agent
    .command('enrol <tenant>')
    .description('at Silowatch: pin the agent’s public key to its silo; its former key ends at once')
    .requiredOption('--public-key <json>', 'what `agent init` printed')
    .addHelpText(
      'after',
      `\nExample:\n  silowatch agent enrol acme --public-key '{"kty":"OKP","crv":"Ed25519","x":"…"}'`,
    )
    .action((tenant: string, { publicKey }: { publicKey: string }) => enrol(tenant, publicKey));
}

async function init(folder: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const file = path.join(folder, 'agent-key.json');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, JSON.stringify(privateKey.export({ format: 'jwk' })), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CliError(exists ? `${file} exists already: remove it to start over` : `${file}: ${systemReason(error)}`);
  }
  process.stdout.write(`${JSON.stringify(publicKey.export({ format: 'jwk' }))}\n`);
}

async function enrol(tenant: string, text: string): Promise<void> {
  const publicKey = jsonOf(text, '--public-key');
  await withPlatform(async ({ clock, database, ids, keys }) => {
    const signer = new KeyFileSigner(clock, keys);
    const directory = new SiloDirectory(new SiloRepository());
    const trail = new TrailRepository(clock, ids);
    const enrolment = new EnrolmentService(clock, database, directory, new AgentKeyRepository(), signer, trail);
    const { kid, commandKey } = await enrolment.enrol(tenant, publicKey, 'command line');
    process.stderr.write(`Enrolled key ${kid}. Put this into the agent's file:\n`);
    process.stdout.write(`commandKeys: [${JSON.stringify(commandKey)}]\n`);
    return 0;
  });
}

/** Runs until it is told to stop. */
async function run(file: string): Promise<void> {
  const config = await readAgentConfig(file);
  const at = (name: string): string => path.resolve(path.dirname(file), name);
  const log = new PinoLog(process.env['LOG_LEVEL'] ?? 'info');
  const clock = new SystemClock();
  const privateKey = await readKey(at(config.keyFile));
  const kid = await keyId(createPublicKey(privateKey).export({ format: 'jwk' }));
  const memory = await FileMemory.open(at(config.memoryFile), () => clock.nowMs());
  const eventLog = await openKafka(config, at, log);
  const hooks = Object.fromEntries(Object.entries(config.hooks).map(([kind, hook]) => [kind, configuredHook(hook)]));
  const { tenant } = config;
  const pinned = await pinnedKeys(config);
  const ids = new RandomIds();
  const agent = await runAgent({ eventLog, clock, ids, log, tenant, key: { kid, privateKey }, pinned, hooks, memory });
  log.info({ event: 'agent.started', tenant, kid, hooks: Object.keys(hooks) }, 'waiting for commands');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await agent.close();
  await eventLog.close();
  await memory.close();
}

async function readAgentConfig(file: string): Promise<AgentConfig> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(`${file}: ${systemReason(error)}`);
  });
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new CliError(`${file}: ${systemReason(error)}`);
  }
  const result = agentConfigSchema.safeParse(document);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new CliError(`${file}: ${faults.join('; ')}`);
}

async function openKafka(config: AgentConfig, at: (name: string) => string, log: PinoLog): Promise<KafkaEventLog> {
  const { brokers, username, passwordFile, tls, caFile } = config.kafka;
  const password = passwordFile === undefined ? undefined : (await readText(at(passwordFile))).trim();
  const ca = caFile === undefined ? undefined : await readText(at(caFile));
  const hasCredentials = username !== undefined && password !== undefined;
  return new KafkaEventLog(
    {
      brokers,
      ...(hasCredentials && { credentials: { username, password: new Secret(password) } }),
      ...(tls && { tls: ca === undefined ? {} : { ca } }),
    },
    log,
  );
}

async function pinnedKeys({ commandKeys }: AgentConfig): Promise<ReadonlyMap<string, KeyObject>> {
  const entries = commandKeys.map(async (jwk): Promise<[string, KeyObject]> => [
    await keyId(jwk),
    createPublicKey({ key: jwk, format: 'jwk' }),
  ]);
  return new Map(await Promise.all(entries));
}

async function readKey(file: string): Promise<KeyObject> {
  try {
    return createPrivateKey({ key: jsonOf(await readText(file), file) as JsonWebKey, format: 'jwk' });
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError(`${file} holds no Ed25519 key: make one with silowatch agent init`);
  }
}

const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(`${file}: ${systemReason(error)}`);
  });

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(`${what} is not JSON`);
  }
}
