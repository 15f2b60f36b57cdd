import { jest } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliError } from '../../../src/cli/cli-error.js';
import { register as registerMatch } from '../../../src/cli/match.command.js';
import { register as registerRules } from '../../../src/cli/rules.command.js';
import { register as registerScan } from '../../../src/cli/scan.command.js';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process and gives what it wrote. */
export async function runCli(...args: string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const capture = (stream: NodeJS.WriteStream, into: string[]) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => into.push(String(text)) > 0);
  const spies = [capture(process.stdout, out), capture(process.stderr, err)];
  const before = process.exitCode;
  process.exitCode = 0;
  let status: number;
  try {
    const program = new Command('silowatch').exitOverride();
    for (const register of [registerScan, registerMatch, registerRules]) register(program);
    await program.parseAsync(args, { from: 'user' });
    status = process.exitCode;
  } catch (error) {
    if (!(error instanceof CliError) && !(error instanceof CommanderError)) throw error;
    err.push(error.message);
    status = 2;
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = before;
  }
  return { status, stdout: out.join(''), stderr: err.join('') };
}

export function ndjson(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A folder of files for one test. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'silowatch-cli-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

/** A line of the combined format. */
export function accessLine(
  uri: string,
  atMs = Date.parse('2026-03-01T09:30:00Z'),
  ip = '203.0.113.9',
  agent = 'curl/8.5.0',
): string {
  const [, day, month, year, time] = /^\w+, (\d\d) (\w+) (\d{4}) ([\d:]+)/.exec(new Date(atMs).toUTCString()) ?? [];
  return `${ip} - - [${day}/${month}/${year}:${time} +0000] "GET ${uri} HTTP/1.1" 404 162 "-" "${agent}"`;
}
