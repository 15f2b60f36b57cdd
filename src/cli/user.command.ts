import { text as readAll } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { AccountSetup, type NewAccount, type SetupPassword } from '../access/account-setup.service.js';
import { CredentialRepository } from '../access/credential.repository.js';
import { PasswordHasher } from '../access/password-hasher.js';
import { passwordFault } from '../access/password-rules.js';
import { type Role, ROLES } from '../access/permissions.js';
import { StaffRepository } from '../access/staff.repository.js';
import { TrailRepository } from '../access/trail.repository.js';
import { type OpenPlatform } from '../app/platform.js';
import { system } from '../platform/database/scope.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { CliError } from './cli-error.js';
import { withPlatform } from './with-platform.js';

interface AddOptions {
  readonly name?: string;
  readonly role: Role[];
  readonly silo: string[];
  readonly passwordStdin: boolean;
}

const collect = (value: string, list: string[]): string[] => [...list, value];

export function register(program: Command): void {
  const user = program
    .command('user')
    .description('accounts of staff')
    .addHelpText('after', '\nExample:\n  silowatch user add ada@example.com --role commander');
  user
    .command('add <email>')
    .description('add an account; the first sign-in enrols the second factor and asks for a new password')
    .option('--name <name>', 'how others see the person (default: the part of the address before @)')
    .addOption(new Option('--role <role...>', 'what the person may do').choices(ROLES).makeOptionMandatory())
    .option('--silo <tenant>', 'limit the account to this silo; repeatable (default: all silos)', collect, [])
    .option('--password-stdin', 'read the setup password from standard input instead of making one', false)
    .addHelpText('after', '\nExample:\n  silowatch user add ada@example.com --name "Ada Byron" --role commander admin')
    .action(async (email: string, options: AddOptions) => {
      if (!z.email().safeParse(email).success) throw new CliError(`"${email}" is not an e-mail address`);
      const name = options.name ?? email.split('@')[0] ?? email;
      const tenants = options.silo.length === 0 ? 'all' : options.silo;
      const typed = options.passwordStdin ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : undefined;
      const fault = typed === undefined ? undefined : passwordFault(typed, { email, name });
      if (fault !== undefined) throw new CliError(fault);
      await withPlatform((platform) => add(platform, { email, name, roles: options.role, tenants }, typed));
    });
}

async function add(platform: OpenPlatform, account: NewAccount, typed: string | undefined): Promise<number> {
  const { clock, ids, database } = platform;
  const credentials = new CredentialRepository(clock);
  const setup = new AccountSetup(clock, ids, new PasswordHasher(), new StaffRepository(clock), credentials);
  const trail = new TrailRepository(clock, ids);
  const password: SetupPassword = await setup.newPassword(typed);
  try {
    await database.transaction(system('operator'), async (tx) => {
      const id = await setup.add(tx, account, password);
      await trail.record(tx, {
        actor: { kind: 'operator', id: 'command line' },
        action: 'user.add',
        object: { type: 'staff', id },
        after: account,
      });
    });
  } catch (error) {
    if (error instanceof DomainError) throw new CliError(error.message);
    throw error;
  }
  process.stdout.write(`added ${account.email} (${account.roles.join(', ')})\n`);
  if (typed === undefined) {
    process.stdout.write(`setup password, shown this once and good for 72 hours: ${password.text}\n`);
  }
  return 0;
}
