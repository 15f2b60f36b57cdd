import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock/clock.js';
import type { Database, Tx } from '../database/database.js';
import { system } from '../database/scope.js';
import type { Log } from '../logging/logging.js';
import { type DatabaseLife, readLife, wasSetBack, writeLife } from './database-life.js';

/** What is done within this time before a loss may be done again after the restore. */
const BEAT_MS = 2_000;
const FILE = 'database-life.json';
const RESTORED =
  'The database was restored to an earlier state: pages, notices and commands that went out since would go out again.';

export interface Pause {
  readonly since: Date;
  readonly reason: string;
}

/**
 * Holds back everything that leaves the house (all of it goes out by jobs) after a restore of the database, until a person has looked.
 * A file beside the database remembers how far the database was; a database that stands before that was set back.
 */
export class SendingPause {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #file: string;
  #timer: NodeJS.Timeout | undefined;
  #isHolding = false;
  #beating: Promise<void> = Promise.resolve();

  constructor(database: Database, clock: Clock, log: Log, folder: string) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
    this.#file = path.join(folder, FILE);
  }

  /** Looks once whether the database was set back, then keeps time and calls `start` as soon as nothing holds sending back. */
  async watch(start: () => Promise<void>): Promise<void> {
    const remembered = readLife(await readFile(this.#file, 'utf8').catch(() => ''));
    await this.#database.transaction(system('operator'), async (tx) => {
      if (wasSetBack(remembered, await life(tx))) await this.pause(tx, RESTORED);
    });
    let isStarted = false;
    const beat = async (): Promise<void> => {
      const { now, isPaused } = await this.#database.transaction(system('operator'), async (tx) => ({
        now: await beatOnce(tx),
        isPaused: (await this.state(tx)) !== undefined,
      }));
      // After the commit: the file may stand behind the database, never before it.
      await this.#remember(now);
      if (isStarted) return;
      if (isPaused && !this.#isHolding) {
        this.#log.warn({ event: 'sending.paused' }, 'nothing is sent until somebody confirms');
      }
      this.#isHolding = isPaused;
      if (isPaused) return;
      isStarted = true;
      await start();
    };
    await beat();
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(beat).catch((error: unknown) => {
        this.#log.warn({ event: 'sending.beat_failed', error }, 'how far the database is could not be noted');
      });
    }, BEAT_MS);
  }

  /** Whether sending waits for a person, in this process. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  async state(tx: Tx): Promise<Pause | undefined> {
    const rows = await tx.query<Pause[]>(`select since, reason from sending_pause`);
    return rows[0];
  }

  /** Takes hold at the next start of a service; a service that runs goes on until then. */
  async pause(tx: Tx, reason: string): Promise<void> {
    await tx.query(`insert into sending_pause (since, reason) values ($1, $2) on conflict do nothing`, [
      this.#clock.now(),
      reason,
    ]);
  }

  /** Every instance begins to send within two seconds. False when nothing was paused. */
  async resume(tx: Tx): Promise<boolean> {
    const ended = await tx.query<[unknown, number]>(`delete from sending_pause`);
    return ended[1] > 0;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
  }

  async #remember(now: DatabaseLife): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    // Instances on one machine share the folder.
    const next = `${this.#file}.${process.pid}.new`;
    await writeFile(next, writeLife(now), { mode: 0o600 });
    await rename(next, this.#file);
  }
}

interface LifeRow {
  readonly id: string;
  readonly beats: string;
}

const toLife = (row: LifeRow | undefined): DatabaseLife => {
  if (row === undefined) throw new Error('database_life holds no row');
  return { id: row.id, beats: Number(row.beats) };
};

const life = async (tx: Tx): Promise<DatabaseLife> =>
  toLife((await tx.query<LifeRow[]>(`select id, beats from database_life`))[0]);

async function beatOnce(tx: Tx): Promise<DatabaseLife> {
  const [rows] = await tx.query<[LifeRow[], number]>(`update database_life set beats = beats + 1 returning id, beats`);
  return toLife(rows[0]);
}
