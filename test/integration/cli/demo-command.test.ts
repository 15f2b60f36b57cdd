import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../mail/mailbox.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface SinkState {
  readonly accounts: readonly { readonly code: string }[];
  readonly mails: readonly { readonly subject: string }[];
}

/** `npm run demo` as somebody types it, in a process group of its own as a terminal gives it. */
class TypedDemo {
  printed = '';
  readonly #npm: ChildProcess;

  constructor(data: string) {
    const env = { ...process.env, SILOWATCH_DATA: data, PORT: '0', MAIL_SINK_PORT: '0' };
    this.#npm = spawn('npm', ['run', 'demo'], { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#npm.stdout, this.#npm.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    }
  }

  /** The addresses that it prints once it is up. */
  async addresses(): Promise<{ dashboard: string; sink: string }> {
    await until(async () => this.printed.includes('Ctrl-C stops everything'), this.printed, 90_000);
    const address = (of: string): string =>
      new RegExp(`${of}\\s+(http://localhost:\\d+)`).exec(this.printed)?.[1] ?? '';
    return { dashboard: address('Dashboard'), sink: address('Mail sink') };
  }

  isRunning(): boolean {
    try {
      process.kill(-(this.#npm.pid ?? 0), 0);
      return true;
    } catch {
      return false;
    }
  }

  /** A terminal sends Ctrl-C to the whole group. */
  async ctrlC(): Promise<void> {
    const exited = this.#npm.exitCode === null ? once(this.#npm, 'exit') : undefined;
    process.kill(-(this.#npm.pid ?? 0), 'SIGINT');
    await exited;
    await until(async () => !this.isRunning(), 'the end of every process of the demo', 40_000);
  }

  kill(): void {
    if (this.isRunning()) process.kill(-(this.#npm.pid ?? 0), 'SIGKILL');
  }
}

describe('npm run demo', () => {
  let data: string;
  let demo: TypedDemo;
  beforeEach(async () => {
    data = await mkdtemp(path.join(tmpdir(), 'silowatch-typed-demo-'));
    // Postgres' user may enter, so that its data lies here also when root runs the test.
    await chmod(data, 0o755);
  });
  afterEach(async () => {
    demo.kill();
    await rm(data, { recursive: true, force: true });
  });

  it('pages for the attack, ends wholly at Ctrl-C, and goes on with the same data when it is run again', async () => {
    demo = new TypedDemo(data);
    const first = await demo.addresses();
    expect((await fetch(`${first.dashboard}/readyz`)).status).toBe(200);
    const state = async (): Promise<SinkState> => (await (await fetch(`${first.sink}/state`)).json()) as SinkState;
    expect((await state()).accounts.map(({ code }) => code)).toEqual([
      expect.stringMatching(/^\d{6}$/),
      expect.stringMatching(/^\d{6}$/),
    ]);
    const isPaged = async (): Promise<boolean> =>
      (await state()).mails.some(({ subject }) => subject.startsWith('[PAGE]'));
    await until(isPaged, 'the page about the attack', 90_000);
    const postgresRuns = path.join(data, 'postgres', 'data', 'postmaster.pid');
    await access(postgresRuns);
    await demo.ctrlC();
    expect(demo.printed).toContain('Stopping …');
    await expect(access(postgresRuns)).rejects.toThrow(/ENOENT/);

    demo = new TypedDemo(data);
    const second = await demo.addresses();
    const openIncidents = async (): Promise<number> => {
      const metrics = await (await fetch(`${second.dashboard}/metrics`)).text();
      const series = metrics.matchAll(/^silowatch_incidents_open\{severity="SEV\d"\} (\d+)$/gm);
      return [...series].reduce((sum, [, n]) => sum + Number(n), 0);
    };
    // A sweep counts them within seconds of the start, before the next attack can have opened one.
    await until(async () => (await openIncidents()) >= 1, 'the incident of the first run', 15_000);
    await demo.ctrlC();
  }, 300_000);
});
