import Table from 'cli-table3';
import { Option, type Command } from 'commander';
import { type Actor, TrailRepository } from '../access/trail.repository.js';
import type { OpenPlatform } from '../app/platform.js';
import { system } from '../platform/database/scope.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { forgetSource } from '../correlate/forget-source.js';
import { eventLogConfig } from '../platform/event-log/event-log.config.js';
import { openBrokerAccess } from '../platform/event-log/open-broker-access.js';
import { httpConfig, publicUrl } from '../platform/http/http.config.js';
import { FORMAT_NAMES } from '../ingest/formats/parsed-record.js';
import { IntakeTokenRepository } from '../silos/intake-token.repository.js';
import { IntakeTokenService } from '../silos/intake-token.service.js';
import type { IntakeToken } from '../silos/intake-token.js';
import {
  INTAKE_SHIPPERS,
  intakeConfiguration,
  type IntakeShipper,
  shipperConfiguration,
  SHIPPERS,
} from '../silos/shipper-configuration.js';
import { SiloBroker } from '../silos/silo-broker.service.js';
import { SiloCredentialRepository } from '../silos/silo-credential.repository.js';
import { CREDENTIAL_KINDS, type CredentialKind } from '../silos/silo-principals.js';
import { type IssuedCredential, SiloProvisioning } from '../silos/silo-provisioning.service.js';
import { SiloRepository } from '../silos/silo.repository.js';
import { type SiloTerms, siloTermsSchema } from '../silos/silo.schema.js';
import { CliError } from './cli-error.js';
import { printable } from './printable.js';
import { withPlatform } from './with-platform.js';

const OPERATOR: Actor = { kind: 'operator', id: 'command line' };

interface AddOptions {
  readonly name?: string;
  readonly timeZone?: string;
  readonly language?: string;
  readonly jurisdiction?: string[];
  readonly noticeHours?: string;
  readonly partitions?: string;
  readonly contact: string[];
  readonly trustedProxy?: string[];
  readonly accessFormat?: string;
  readonly auditFormat?: string;
  readonly intake: boolean;
  readonly shipper: IntakeShipper | 'none';
}

interface RotateOptions {
  readonly only?: CredentialKind | 'intake';
  readonly overlap: string;
}

const FORMATS = [...FORMAT_NAMES, 'auto'];

const collect = (value: string, list: string[]): string[] => [...list, value];

export function register(program: Command): void {
  const silo = program
    .command('silo')
    .description('silos: their topics, credentials and terms')
    .addHelpText('after', '\nExamples:\n  silowatch silo add harbor-bakery\n  silowatch silo list');
  silo
    .command('add <tenant>')
    .description('make a silo with its topics, credentials and rights; repeated, it changes only what is given')
    .option('--name <name>', "the customer's name (default: the tenant)")
    .option('--time-zone <zone>', 'zone of logs that do not say one (default: UTC)')
    .option('--language <tag>', 'language of notices (default: en)')
    .option('--jurisdiction <code...>', 'where the customer is bound by law, e.g. EU US-CA')
    .option('--notice-hours <n>', 'hours within which the contract promises a first notice (default: 72)')
    .option('--partitions <n>', 'partitions of a new silo’s access and audit topics (default: 1)')
    .option(
      '--contact <contact>',
      'contact from the contract as "role:Name <address>", role security, legal or owner; repeatable',
      collect,
      [],
    )
    .option(
      '--trusted-proxy <block...>',
      "addresses or CIDR blocks of the silo's proxies, whose X-Forwarded-For is believed",
    )
    .addOption(
      new Option('--access-format <name>', 'format of its access log (default: told by shape)').choices(FORMATS),
    )
    .addOption(
      new Option('--audit-format <name>', 'format of its audit stream (default: told by shape)').choices(FORMATS),
    )
    .option('--intake', 'also issue a token with which the silo sends over HTTP', false)
    .addOption(
      new Option('--shipper <kind>', 'print a configuration for this shipper; otel-collector with --intake')
        .choices([...INTAKE_SHIPPERS, 'none'])
        .default('vector'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  silowatch silo add harbor-bakery --name "Harbor Bakery" --jurisdiction EU --contact "security:Ada Byron <ada@harbor.example>"',
    )
    .action((tenant: string, options: AddOptions) => withSilos((parts) => add(parts, tenant, options)));
  registerCredentials(silo);
  silo
    .command('remove <tenant>')
    .description('take away its credentials and delete its topics with every event in them')
    .option('--yes', 'do it; without this it only says what would go', false)
    .addHelpText('after', '\nExample:\n  silowatch silo remove harbor-bakery --yes')
    .action((tenant: string, { yes }: { yes: boolean }) => withSilos((parts) => remove(parts, tenant, yes)));
  silo
    .command('list')
    .description('the silos and their terms')
    .option('--json', 'one JSON object a line', false)
    .addHelpText('after', '\nExample:\n  silowatch silo list --json')
    .action(({ json }: { json: boolean }) => withSilos((parts) => list(parts, json)));
}

function registerCredentials(silo: Command): void {
  silo
    .command('rotate <tenant>')
    .description(
      'give new passwords, the old ones end at once; and a new intake token, the old one ends after the overlap',
    )
    .addOption(new Option('--only <kind>', 'only this one').choices([...CREDENTIAL_KINDS, 'intake']))
    .option('--overlap <hours>', 'how long the old intake token goes on beside the new one', '24')
    .addHelpText('after', '\nExample:\n  silowatch silo rotate harbor-bakery --only intake --overlap 1')
    .action((tenant: string, options: RotateOptions) => withSilos((parts) => rotate(parts, tenant, options)));
  silo
    .command('revoke <tenant>')
    .description('end all intake tokens of a silo at once; what it sends over HTTP is refused until it has a new one')
    .addHelpText('after', '\nExample:\n  silowatch silo revoke harbor-bakery')
    .action((tenant: string) => withSilos((parts) => revoke(parts, tenant)));
}

interface Parts {
  readonly platform: OpenPlatform;
  readonly silos: SiloRepository;
  readonly credentials: SiloCredentialRepository;
  readonly provisioning: SiloProvisioning;
  readonly tokens: IntakeTokenRepository;
  readonly intake: IntakeTokenService;
}

async function withSilos(work: (parts: Parts) => Promise<void>): Promise<void> {
  await withPlatform(async (platform) => {
    const { clock, ids, database, eventLog, config, log } = platform;
    const access = openBrokerAccess(config, log);
    const silos = new SiloRepository();
    const credentials = new SiloCredentialRepository();
    const broker = new SiloBroker(eventLog, access);
    const trail = new TrailRepository(clock, ids);
    const provisioning = new SiloProvisioning(database, silos, credentials, broker, trail, { clock, ids });
    try {
      const tokens = new IntakeTokenRepository();
      const intake = new IntakeTokenService(database, silos, tokens, trail, { clock, ids });
      await work({ platform, silos, credentials, provisioning, tokens, intake });
      return 0;
    } catch (error) {
      if (error instanceof DomainError) throw new CliError(error.message);
      throw error;
    } finally {
      await access.close();
    }
  });
}

async function add(parts: Parts, tenant: string, options: AddOptions): Promise<void> {
  const isForKafka = options.shipper === 'none' || SHIPPERS.some((name) => name === options.shipper);
  if (!options.intake && !isForKafka)
    throw new CliError(`--shipper ${options.shipper} sends over HTTP: give --intake too`);
  const { silo, outcome, issued } = await parts.provisioning.add(termsOf(tenant, options), OPERATOR);
  print(`${outcome} ${silo.tenant} (incarnation ${silo.incarnation}, notice within ${silo.noticeHours} hours)`);
  if (outcome === 'remade') print('a topic of it was not there and is made: what an earlier one held is lost');
  printIssued(issued);
  if (options.intake) await addIntake(parts, tenant, options.shipper);
  else printShipper(parts, tenant, options.shipper);
}

async function addIntake({ platform, intake }: Parts, tenant: string, shipper: AddOptions['shipper']): Promise<void> {
  const token = await intake.issue(tenant, OPERATOR);
  if (token === undefined) {
    print('it has an intake token already; for a new one: silowatch silo rotate --only intake');
    return;
  }
  printToken(token);
  const url = `${publicUrl(platform.config.get(httpConfig))}/intake`;
  if (shipper !== 'none') print(`\n${intakeConfiguration(shipper, { url })}`);
}

function printShipper({ platform }: Parts, tenant: string, shipper: AddOptions['shipper']): void {
  const { KAFKA_BROKERS: brokers, KAFKA_TLS: isTls = false, KAFKA_TLS_CA: ca } = platform.config.get(eventLogConfig);
  if (brokers === undefined) {
    print('there is no Kafka: let it send over HTTP with --intake, or put files onto its topics with silowatch replay');
    return;
  }
  const known = SHIPPERS.find((name) => name === shipper);
  if (known === undefined) return;
  print(`\n${shipperConfiguration(known, { tenant, brokers, isTls, hasOwnCa: ca !== undefined })}`);
}

function termsOf(tenant: string, options: AddOptions): SiloTerms {
  const terms = siloTermsSchema.safeParse({
    tenant,
    name: options.name,
    timeZone: options.timeZone,
    language: options.language,
    jurisdictions: options.jurisdiction,
    noticeHours: options.noticeHours === undefined ? undefined : Number(options.noticeHours),
    partitions: options.partitions === undefined ? undefined : Number(options.partitions),
    trustedProxies: options.trustedProxy,
    accessFormat: options.accessFormat,
    auditFormat: options.auditFormat,
    contacts: options.contact.map(parseContact),
  });
  if (!terms.success) {
    const [issue] = terms.error.issues;
    throw new CliError(`${issue?.path.join('.') ?? 'silo'}: ${issue?.message ?? 'not valid'}`);
  }
  return terms.data;
}

/** `role:Name <address>`, as in a mail's From after the role. */
function parseContact(text: string): { role: string; name: string; email: string } {
  const found = /^([a-z]+):([^<>]+)<([^<>]+)>$/.exec(text);
  const [, role, name, email] = found ?? [];
  if (role === undefined || name === undefined || email === undefined) {
    throw new CliError(`"${text}" is not a contact: write "security:Ada Byron <ada@harbor.example>"`);
  }
  return { role, name: name.trim(), email: email.trim() };
}

async function rotate(parts: Parts, tenant: string, { only, overlap }: RotateOptions): Promise<void> {
  const hours = Number(overlap);
  if (!(hours >= 0 && hours <= 720)) throw new CliError(`--overlap ${overlap}: give hours from 0 to 720`);
  if (only !== 'intake') {
    const kinds = only === undefined ? CREDENTIAL_KINDS : [only];
    const issued = await parts.provisioning.rotate(tenant, kinds, OPERATOR);
    if (issued.length === 0) print('there is no Kafka, so there are no passwords to rotate');
    printIssued(issued);
  }
  if (only === 'intake' || (only === undefined && (await hasIntake(parts, tenant)))) {
    printToken(await parts.intake.rotate(tenant, hours * 3_600_000, OPERATOR));
    print(hours === 0 ? 'the former tokens have ended' : `the former tokens end in ${hours} hours`);
  }
}

async function hasIntake({ platform, tokens }: Parts, tenant: string): Promise<boolean> {
  const own = await platform.database.transaction(system('operator'), (tx) => tokens.list(tx, tenant));
  return own.length > 0;
}

async function revoke({ intake }: Parts, tenant: string): Promise<void> {
  const count = await intake.revoke(tenant, OPERATOR);
  print(count === 0 ? `${tenant} had no intake token` : `${count} intake tokens of ${tenant} have ended`);
}

async function remove({ platform, silos, provisioning }: Parts, tenant: string, isSure: boolean): Promise<void> {
  if (!isSure) {
    throw new CliError(`this deletes the topics of ${tenant} with every event in them: add --yes to do it`);
  }
  const { database, eventLog } = platform;
  const silo = await database.transaction(system('operator'), (tx) => silos.find(tx, tenant));
  await provisioning.remove(tenant, OPERATOR);
  if (silo !== undefined && !(await forgetSource(database, eventLog, silo))) {
    print('its last signals are not counted yet: repeat this when the service runs, to forget the rest');
  }
  print(`removed ${tenant}; its alerts and incidents stay`);
}

async function list({ platform, silos, credentials, tokens }: Parts, isJson: boolean): Promise<void> {
  const { all, issued, intake } = await platform.database.transaction(system('operator'), async (tx) => ({
    all: await silos.list(tx),
    issued: await credentials.list(tx),
    intake: await tokens.list(tx),
  }));
  if (isJson) {
    for (const silo of all) print(JSON.stringify(silo));
    return;
  }
  const table = new Table({
    head: ['tenant', 'name', 'state', 'incarnation', 'notice hours', 'law', 'credentials'],
    style: { head: [], border: [] },
  });
  for (const silo of all) {
    const own = issued.filter(({ tenant }) => tenant === silo.tenant);
    const since = own.map(({ kind, issuedAt, rotatedAt }) => `${kind} of ${day(rotatedAt ?? issuedAt)}`);
    since.push(...intake.filter((token) => token.tenant === silo.tenant).map(describeToken));
    const { tenant, name, state, incarnation, noticeHours, jurisdictions } = silo;
    table.push([tenant, printable(name), state, incarnation, noticeHours, jurisdictions.join(' '), since.join(', ')]);
  }
  print(all.length === 0 ? 'no silos yet: silowatch silo add <tenant>' : table.toString());
}

const day = (at: Date): string => at.toISOString().slice(0, 10);

const describeToken = ({ issuedAt, expiresAt }: IntakeToken): string =>
  `intake of ${day(issuedAt)}${expiresAt === null ? '' : ` until ${expiresAt.toISOString().slice(0, 16)}Z`}`;

function printToken(token: string): void {
  print(`intake: token ${token} (shown this once; in the shipper's environment as SILOWATCH_INTAKE_TOKEN)`);
}

function printIssued(issued: readonly IssuedCredential[]): void {
  for (const { kind, principal, password } of issued) {
    print(`${kind}: user ${principal}, password ${password} (shown this once)`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
