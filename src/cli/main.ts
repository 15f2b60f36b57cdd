import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CliError } from './cli-error.js';
import { printable } from './printable.js';

interface CommandFile {
  register(program: Command): void;
}

/** Loaded only when asked for: a scan needs neither Nest nor Postgres. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandFile>>> = {
  scan: () => import('./scan.command.js'),
  match: () => import('./match.command.js'),
  rules: () => import('./rules.command.js'),
  demo: () => import('./demo.command.js'),
  serve: () => import('./serve.command.js'),
  migrate: () => import('./migrate.command.js'),
  silo: () => import('./silo.command.js'),
  user: () => import('./user.command.js'),
  replay: () => import('./replay.command.js'),
  signals: () => import('./signals.command.js'),
  'dead-letters': () => import('./dead-letters.command.js'),
  simulate: () => import('./simulate.command.js'),
  agent: () => import('./agent.command.js'),
  sending: () => import('./sending.command.js'),
  audit: () => import('./audit.command.js'),
  config: () => import('./config.command.js'),
};

async function main(args: readonly string[]): Promise<void> {
  const program = new Command('silowatch')
    .description('Security monitoring and incident response for software whose customers live in silos')
    .version(versionOf())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'silowatch: ')) })
    .addHelpText('after', '\nExamples:\n  silowatch scan /var/log/nginx/access.log\n  silowatch rules test rules');
  const named = Object.hasOwn(COMMANDS, args[0] ?? '') ? COMMANDS[args[0] ?? ''] : undefined;
  const isVersion = args[0] === '--version' || args[0] === '-V';
  const wanted = isVersion ? [] : named === undefined ? Object.values(COMMANDS) : [named];
  for (const open of wanted) (await open()).register(program);
  if (args.length === 0) {
    program.outputHelp({ error: true });
    process.exitCode = 2;
    return;
  }
  await program.parseAsync(args, { from: 'user' });
}

function versionOf(): string {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** One line on stderr that says what to do. */
function report(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.exitCode = 2;
  const isOurs = error instanceof CliError;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`silowatch: ${printable(text)}\n`);
  if (!isOurs && process.env['SILOWATCH_DEBUG'] !== undefined && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ''}\n`);
  }
}

// `silowatch scan … | head` closes the pipe: that is the end of the work, not a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  report(error);
}
