import { Command } from 'commander';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../../src/cli');

interface CommandFile {
  register(program: Command): void;
}

/** A command by its full name, and all below it. */
function walked(command: Command, name: string): [string, Command][] {
  return [[name, command], ...command.commands.flatMap((below) => walked(below, `${name} ${below.name()}`))];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (written) => (text += written) });
  command.outputHelp();
  return text;
}

describe('--help', () => {
  it('of every command and every group shows how it is called', async () => {
    const program = new Command('silowatch');
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.command.ts'));
    for (const name of files) ((await import(path.join(FOLDER, name))) as CommandFile).register(program);
    expect(program.commands.length).toBe(files.length);
    const without = program.commands
      .flatMap((command) => walked(command, `silowatch ${command.name()}`))
      // Of its own name, not that of another.
      .filter(([name, command]) => !new RegExp(`\nExamples?:\n(.*\n)* +(.* )?${name}\\b`).test(helpOf(command)))
      .map(([name]) => name);
    expect(without).toEqual([]);
    // Loading the whole service takes a while.
  }, 60_000);
});
