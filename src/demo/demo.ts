import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { serve, type Service } from '../app/serve.js';
import { StartRefused } from '../app/start-refused.js';
import { freePort } from '../platform/database/embedded-postgres.js';
import { isLoopbackHost } from '../platform/http/http.config.js';
import { MailInbox } from '../platform/mail/mail-inbox.js';
import { runSiloAgents, type RunningAgents } from './agents.js';
import { MailSinkPage, type DemoAccount } from './mail-sink-page.js';
import { MailSink } from './mail-sink.js';
import { seedAccounts, seedOnCall, seedSilos } from './seed.js';
import { Simulator } from './simulator/simulator.js';
import { SAMPLE_SILOS } from './simulator/world.js';

type Env = Readonly<Record<string, string | undefined>>;

const SECURITY_ADDRESS = 'security@cashsheet.example';
/** The dashboard comes up quiet, so that whoever watches sees the attack begin. */
const ATTACK_AFTER_MS = 8_000;
const MEAN_MS = 700;

export interface Demo {
  readonly dashboardUrl: string;
  readonly sinkUrl: string;
  readonly accounts: readonly DemoAccount[];
  readonly attackedTenant: string;
  stop(): Promise<void>;
}

/** Starts everything the demo shows: the service on embedded servers, a mail sink, three living silos with agents, and an attack on one of them. */
export async function startDemo(given: Env): Promise<Demo> {
  const host = given['HOST'] ?? '127.0.0.1';
  if (!isLoopbackHost(host)) {
    throw new StartRefused([
      `HOST: the demo shows passwords, so it listens on loopback alone; ${host} is not. Unset HOST.`,
    ]);
  }
  const dataFolder = path.resolve(given['SILOWATCH_DATA'] ?? '.silowatch/demo');
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start(given, dataFolder, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  given: Env,
  dataFolder: string,
  undo: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Demo> {
  const smtpPort = await freePort();
  const opened: { service?: Service } = {};
  const sink = new MailSink({
    now: () => new Date(),
    securityAddress: SECURITY_ADDRESS,
    onSecurityMail: async (raw, sender) => opened.service?.app.get(MailInbox, { strict: false }).deliver(raw, sender),
  });
  await sink.listen(smtpPort);
  undo.push(() => sink.close());

  const service = await serve(demoEnvironment(given, dataFolder, smtpPort));
  opened.service = service;
  undo.push(() => service.stop());

  await seedSilos(service);
  const accounts = await seedAccounts(service, dataFolder);
  const [commander, comms] = accounts;
  if (commander === undefined || comms === undefined) throw new Error('the demo needs two accounts');
  await seedOnCall(service, commander.id, comms.id);

  const sinkUrl = await showSink(sink, service, accounts, smtpPort, given, undo);
  const attackedTenant = await live(service, dataFolder, undo);
  return { dashboardUrl: service.url, sinkUrl, accounts, attackedTenant, stop };
}

/** What the demo sets differs from an installation only in being quick and talking to nobody. */
function demoEnvironment(given: Env, dataFolder: string, smtpPort: number): Env {
  return {
    LOG_LEVEL: 'warn',
    ...given,
    SILOWATCH_DATA: dataFolder,
    DATABASE_URL: undefined,
    KAFKA_BROKERS: undefined,
    PUBLIC_URL: undefined,
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    IMAP_URL: undefined,
    MAIL_FROM: 'CashSheet Security <security-notices@cashsheet.example>',
    SECURITY_ADDRESS,
    COMPANY_NAME: 'CashSheet',
    INCIDENT_QUIET_MINUTES: '1',
    // A person shall see what there is to contain, and decide.
    CONTAINMENT_AUTOMATIC_PER_HOUR: '0',
  };
}

async function showSink(
  sink: MailSink,
  service: Service,
  accounts: readonly DemoAccount[],
  smtpPort: number,
  given: Env,
  undo: (() => Promise<void>)[],
): Promise<string> {
  const page = new MailSinkPage({
    sink,
    accounts,
    dashboardUrl: service.url,
    smtpPort,
    securityAddress: SECURITY_ADDRESS,
    now: () => new Date(),
  });
  let port = Number(given['MAIL_SINK_PORT'] ?? 8025) || (await freePort());
  try {
    await page.listen(port);
  } catch {
    // Something else of the user's lives there; any other port does.
    port = await freePort();
    await page.listen(port);
  }
  undo.push(() => page.close());
  return `http://localhost:${port}`;
}

/** Lets the silos live and one of them be attacked: the next one at each run. */
async function live(service: Service, dataFolder: string, undo: (() => Promise<void>)[]): Promise<string> {
  const { platform } = service;
  const run = await countRun(path.join(dataFolder, 'runs'));
  const simulator = new Simulator(platform.eventLog, {
    silos: SAMPLE_SILOS,
    seed: Date.now(),
    now: () => Date.now(),
    meanMs: MEAN_MS,
    onFault: (error) => platform.log.warn({ event: 'demo.simulator_failed', error }, 'the simulator missed a beat'),
  });
  const agents: RunningAgents = await runSiloAgents(service, dataFolder, simulator);
  undo.push(() => agents.close());
  simulator.start();
  undo.push(() => simulator.stop());
  const target = SAMPLE_SILOS[run % SAMPLE_SILOS.length] ?? SAMPLE_SILOS[0];
  const timer = setTimeout(() => simulator.attack(target.tenant), ATTACK_AFTER_MS);
  undo.push(async () => {
    clearTimeout(timer);
  });
  return target.tenant;
}

async function countRun(file: string): Promise<number> {
  const before = Number(await readFile(file, 'utf8').catch(() => '0')) || 0;
  await writeFile(file, String(before + 1));
  return before;
}
