import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';

export interface JavaServer {
  /** Of Java itself, for tests that stop or kill it. */
  readonly pid: number;
  /** Ends it and waits for its exit. */
  stop(): Promise<void>;
}

/** A shell between us and Java that ends Java when our end of its standard input closes: even a killed test run leaves no server behind. */
const GUARD =
  'java "$@" & child=$!; trap \'kill $child\' TERM; (cat >/dev/null; kill $child 2>/dev/null) <&3 & wait $child';

/** Starts Java and resolves when `isUp` does; rejects with the last lines it printed if it ends before or takes longer than a minute. */
export async function startJava(
  name: string,
  options: readonly string[],
  isUp: () => Promise<boolean>,
): Promise<JavaServer> {
  const child = spawn('sh', ['-c', GUARD, name, ...options], {
    // A group of its own: Ctrl-C reaches the tests first, which end their servers last.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4_000)));
  }
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.stdio[3]?.destroy();
    await exited;
  };
  const deadline = Date.now() + 60_000;
  while (!(await isUp())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${name} did not start:\n${printed.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return { stop, pid: await javaPid(child.pid ?? 0) };
}

/** The child of the guarding shell that is Java and not what waits for the end of input; 0 where the system does not tell. */
async function javaPid(shell: number): Promise<number> {
  const children = await readFile(`/proc/${shell}/task/${shell}/children`, 'utf8').catch(() => '');
  for (const pid of children.trim().split(' ')) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'java') return Number(pid);
  }
  return 0;
}

/** Whether something listens on the port. */
export async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A free port below those that the system hands out by itself: a Java server binds seconds after it was told, and until then any client may take one of those. */
export async function testPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
