import path from 'node:path';
import { type Command } from 'commander';
import { TrailChainRepository } from '../access/trail-chain.repository.js';
import { TrailHeads } from '../access/trail-heads.js';
import { TrailVerifier } from '../access/trail-verifier.service.js';
import { type OpenPlatform } from '../app/platform.js';
import { databaseConfig } from '../platform/database/database.config.js';
import { withPlatform } from './with-platform.js';

export function register(program: Command): void {
  const audit = program
    .command('audit')
    .description('the audit trail')
    .addHelpText('after', '\nExample:\n  silowatch audit verify');
  audit
    .command('verify')
    .description('follow the chain of seals and compare it with the signed heads; status 1 names the first broken link')
    .addHelpText('after', '\nExample:\n  silowatch audit verify')
    .action(() => withPlatform(verify));
}

async function verify(platform: OpenPlatform): Promise<number> {
  const { database, clock, config, keys } = platform;
  const folder = path.resolve(config.get(databaseConfig).SILOWATCH_DATA);
  const heads = new TrailHeads(folder, await keys.signingKey('trail'));
  const verdict = await new TrailVerifier(database, new TrailChainRepository(clock), heads).verify();
  if (verdict.fault !== undefined) {
    process.stdout.write(`broken after ${verdict.entries} entries: ${verdict.fault}\n`);
    return 1;
  }
  process.stdout.write(`whole: ${verdict.entries} entries, ${verdict.heads} signed heads\n`);
  return 0;
}
