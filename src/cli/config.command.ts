import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command } from 'commander';
import { titledSlices } from '../app/config-slices.js';
import { configurationPage, envExample } from '../platform/config/describe.js';

export function register(program: Command): void {
  program
    .command('config')
    .description('list every environment variable of the service')
    .option('--env', 'as an .env file', false)
    .option('--write', 'write docs/configuration.md and .env.example in the current folder', false)
    .addHelpText('after', '\nExample:\n  silowatch config --env > .env')
    .action(async (options: { env: boolean; write: boolean }) => {
      if (options.write) {
        await writeFile(path.resolve('docs/configuration.md'), configurationPage(titledSlices));
        await writeFile(path.resolve('.env.example'), envExample(titledSlices));
        return;
      }
      process.stdout.write(options.env ? envExample(titledSlices) : configurationPage(titledSlices));
    });
}
