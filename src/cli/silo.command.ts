import Table from 'cli-table3';
import { Option, type Command } from 'commander';
import { type Actor, TrailRepository } from '../access/trail.repository.js';
import type { OpenPlatform } from '../app/platform.js';
import { system } from '../platform/database/scope.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { forgetSource } from '../correlate/forget-source.js';
import { eventLogConfig } from '../platform/event-log/event-log.config.js';
import { openBrokerAccess } from '../platform/event-log/open-broker-access.js';
import { shipperConfiguration, SHIPPERS, type Shipper } from '../silos/shipper-configuration.js';
import { SiloBroker } from '../silos/silo-broker.service.js';
import { SiloCredentialRepository } from '../silos/silo-credential.repository.js';
import { CREDENTIAL_KINDS, type CredentialKind } from '../silos/silo-principals.js';
import { type IssuedCredential, SiloProvisioning } from '../silos/silo-provisioning.service.js';
import { SiloRepository } from '../silos/silo.repository.js';
import { siloTermsSchema } from '../silos/silo.schema.js';
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
  readonly shipper: Shipper | 'none';
}

const collect = (value: string, list: string[]): string[] => [...list, value];

export function register(program: Command): void {
  const silo = program.command('silo').description('silos: their topics, credentials and terms');
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
    .addOption(
      new Option('--shipper <kind>', 'print a configuration for this shipper')
        .choices([...SHIPPERS, 'none'])
        .default('vector'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  silowatch silo add harbor-bakery --name "Harbor Bakery" --jurisdiction EU --contact "security:Ada Byron <ada@harbor.example>"',
    )
    .action((tenant: string, options: AddOptions) => withSilos((parts) => add(parts, tenant, options)));
  silo
    .command('rotate <tenant>')
    .description('give new passwords; the old ones end at once')
    .addOption(new Option('--only <kind>', 'only this one').choices(CREDENTIAL_KINDS))
    .addHelpText('after', '\nExample:\n  silowatch silo rotate harbor-bakery --only shipper')
    .action((tenant: string, { only }: { only?: CredentialKind }) => withSilos((parts) => rotate(parts, tenant, only)));
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

interface Parts {
  readonly platform: OpenPlatform;
  readonly silos: SiloRepository;
  readonly credentials: SiloCredentialRepository;
  readonly provisioning: SiloProvisioning;
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
      await work({ platform, silos, credentials, provisioning });
      return 0;
    } catch (error) {
      if (error instanceof DomainError) throw new CliError(error.message);
      throw error;
    } finally {
      await access.close();
    }
  });
}

async function add({ platform, provisioning }: Parts, tenant: string, options: AddOptions): Promise<void> {
  const terms = siloTermsSchema.safeParse({
    tenant,
    name: options.name,
    timeZone: options.timeZone,
    language: options.language,
    jurisdictions: options.jurisdiction,
    noticeHours: options.noticeHours === undefined ? undefined : Number(options.noticeHours),
    partitions: options.partitions === undefined ? undefined : Number(options.partitions),
    contacts: options.contact.map(parseContact),
  });
  if (!terms.success) {
    const [issue] = terms.error.issues;
    throw new CliError(`${issue?.path.join('.') ?? 'silo'}: ${issue?.message ?? 'not valid'}`);
  }
  const { silo, outcome, issued } = await provisioning.add(terms.data, OPERATOR);
  print(`${outcome} ${silo.tenant} (incarnation ${silo.incarnation}, notice within ${silo.noticeHours} hours)`);
  printIssued(issued);
  const { KAFKA_BROKERS: brokers, KAFKA_TLS: isTls } = platform.config.get(eventLogConfig);
  if (brokers === undefined) {
    print('there is no Kafka: put files onto its topics with `silowatch replay --tenant … --stream access FILE`');
  } else if (options.shipper !== 'none') {
    print(`\n${shipperConfiguration(options.shipper, { tenant, brokers, isTls })}`);
  }
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

async function rotate({ provisioning }: Parts, tenant: string, only: CredentialKind | undefined): Promise<void> {
  const issued = await provisioning.rotate(tenant, only === undefined ? CREDENTIAL_KINDS : [only], OPERATOR);
  if (issued.length === 0) print('there is no Kafka, so there are no credentials to rotate');
  printIssued(issued);
}

async function remove({ platform, silos, provisioning }: Parts, tenant: string, isSure: boolean): Promise<void> {
  if (!isSure) {
    throw new CliError(`this deletes the topics of ${tenant} with every event in them: add --yes to do it`);
  }
  const { database, eventLog } = platform;
  const silo = await database.transaction(system('operator'), (tx) => silos.find(tx, tenant));
  await provisioning.remove(tenant, OPERATOR);
  if (silo !== undefined && !(await forgetSource(database, eventLog, silo.incarnation))) {
    print('its last signals are not counted yet: repeat this when the service runs, to forget the rest');
  }
  print(`removed ${tenant}; its alerts and incidents stay`);
}

async function list({ platform, silos, credentials }: Parts, isJson: boolean): Promise<void> {
  const { all, issued } = await platform.database.transaction(system('operator'), async (tx) => ({
    all: await silos.list(tx),
    issued: await credentials.list(tx),
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
    const since = own.map(
      ({ kind, issuedAt, rotatedAt }) => `${kind} of ${(rotatedAt ?? issuedAt).toISOString().slice(0, 10)}`,
    );
    const { tenant, name, state, incarnation, noticeHours, jurisdictions } = silo;
    table.push([tenant, printable(name), state, incarnation, noticeHours, jurisdictions.join(' '), since.join(', ')]);
  }
  print(all.length === 0 ? 'no silos yet: silowatch silo add <tenant>' : table.toString());
}

function printIssued(issued: readonly IssuedCredential[]): void {
  for (const { kind, principal, password } of issued) {
    print(`${kind}: user ${principal}, password ${password} (shown this once)`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
