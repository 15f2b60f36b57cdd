import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EmbeddedPostgres, freePort } from '../../src/platform/database/embedded-postgres.js';

const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
const HOOKS = fileURLToPath(new URL('../integration/pipeline/swc-hooks.mjs', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** The process and all that it started, from /proc. */
function withChildren(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        return [];
      }
    });
  const found = [pid];
  for (const at of found) found.push(...parents.filter(({ parent }) => parent === at).map((child) => child.pid));
  return found;
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone already.
    }
  }
}

/** Stops all of some servers until the work is done: to the others it looks like a network that says nothing. */
export async function whileFrozen(roots: readonly number[], work: () => Promise<unknown>): Promise<void> {
  const pids = roots.filter((pid) => pid > 0).flatMap(withChildren);
  signal(pids, 'SIGSTOP');
  try {
    await work();
  } finally {
    signal(pids, 'SIGCONT');
  }
}

export const freeze = (pid: number, ms: number): Promise<void> => whileFrozen([pid], () => sleep(ms));

export const kill = (pid: number): void => signal([pid], 'SIGKILL');

/** A Postgres that can be killed and started again on its data. */
export class KillablePostgres {
  private constructor(
    readonly folder: string,
    readonly port: number,
    public server: EmbeddedPostgres,
  ) {}

  static async start(folder: string): Promise<KillablePostgres> {
    const port = await freePort();
    return new KillablePostgres(folder, port, await EmbeddedPostgres.start({ folder, port }));
  }

  async pid(): Promise<number> {
    const places = [this.folder, path.join('/var/tmp', `silowatch${this.folder.replaceAll('/', '-')}`)];
    for (const place of places) {
      const text = await readFile(path.join(place, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
      const pid = Number(text.split('\n')[0]);
      if (pid > 0) return pid;
    }
    throw new Error('Postgres has no process');
  }

  async killAndStart(downMs: number): Promise<void> {
    signal(withChildren(await this.pid()), 'SIGKILL');
    await sleep(Math.max(downMs, 300));
    for (let tries = 1; ; tries += 1) {
      try {
        this.server = await EmbeddedPostgres.start({ folder: this.folder, port: this.port });
        return;
      } catch (error) {
        if (tries === 20) throw error;
        await sleep(500);
      }
    }
  }
}

/** One instance of the service, a process of its own from the sources; started again whenever it ends by itself. */
export class Instance {
  private child: ChildProcess | undefined;
  private isWanted = true;
  /** What it said on standard error that is no log line: warnings of Node's and of libraries. */
  readonly warnings: string[] = [];
  restarts = -1;

  /** What it logs is added to `logFile`, if there is one. */
  constructor(
    private env: NodeJS.ProcessEnv,
    private readonly logFile?: string,
  ) {
    this.start();
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    await this.end('SIGTERM');
  }

  again(env: NodeJS.ProcessEnv): void {
    this.env = env;
    this.isWanted = true;
    this.start();
  }

  private async end(how: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (child === undefined) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(how);
      await exited;
    }
  }

  private start(): void {
    this.restarts += 1;
    const child = spawn(NODE, ['--trace-warnings', '--import', HOOKS, MAIN, 'serve'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.env,
    });
    this.child = child;
    const keep = (chunk: Buffer): void => {
      if (this.logFile !== undefined) appendFileSync(this.logFile, chunk);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', (chunk: Buffer) => {
      keep(chunk);
      const text = chunk.toString();
      if (text.includes('Warning') && this.warnings.length < 50) this.warnings.push(text.trim());
    });
    child.once('exit', () => {
      setTimeout(() => {
        if (this.isWanted && this.child === child) this.start();
      }, 300);
    });
  }
}

/** Runs a command of the command line to its end. */
export async function runCommand(env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ status: number; text: string }> {
  const child = spawn(NODE, ['--import', HOOKS, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  return { status, text };
}
