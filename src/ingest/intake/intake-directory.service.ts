import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { Log } from '../../platform/logging/logging.js';
import { type IntakeToken, intakeTokenId, isIntakeToken } from '../../silos/intake-token.js';
import { IntakeTokenRepository } from '../../silos/intake-token.repository.js';
import { SourceDirectory } from '../source-directory.service.js';
import { IntakeCounts } from './intake-counts.service.js';
import * as refusal from './intake.errors.js';

/** A token that was ended goes on for as long at most. */
const FRESH_MS = 2_000;
/** While the database is away, what was read last holds for as long. */
const STALE_MS = 15 * 60_000;
/** A database that has not told for so long counts as away: requests wait before anything bounds them. */
const WAIT_MS = 2_000;
/** Tokens that are not known are read again, so that a new one holds at once; so often in two seconds at most, so that wrong ones do not burden the database. */
const UNKNOWN_READS = 50;

/** Whose token it is, and what that silo says of its logs. All are kept in memory and read again every two seconds while there are requests. */
@Injectable()
export class IntakeDirectory {
  private tokens: ReadonlyMap<string, IntakeToken> = new Map();
  private readAtMs = -Infinity;
  /** Whether it is read anew; resolves at the latest when `WAIT_MS` are over since the reading under way began. */
  private reading: Promise<boolean> | undefined;
  private unknown = { sinceMs: 0, reads: 0 };

  constructor(
    private readonly clock: Clock,
    private readonly counts: IntakeCounts,
    private readonly database: Database,
    private readonly repository: IntakeTokenRepository,
    private readonly sources: SourceDirectory,
    private readonly log: Log,
  ) {}

  /** The tenant that `text` speaks for; undefined for no token, a wrong one or one that has ended. Throws INTAKE_DIRECTORY_UNAVAILABLE. */
  async tenantOf(text: string | undefined): Promise<string | undefined> {
    const id = text === undefined ? undefined : intakeTokenId(text);
    if (text === undefined || id === undefined) return undefined;
    const isFresh = this.ageMs() < FRESH_MS && !this.mayReadAgain(id);
    const isRead = isFresh || (await this.refresh());
    const token = this.tokens.get(id);
    if (!isRead && (token === undefined || this.ageMs() > STALE_MS)) throw refusal.directoryUnavailable();
    if (token === undefined || !isIntakeToken(text, token, this.clock.now())) return undefined;
    this.counts.sawToken(id);
    return token.tenant;
  }

  private ageMs(): number {
    return this.clock.nowMs() - this.readAtMs;
  }

  private mayReadAgain(id: string): boolean {
    if (this.tokens.has(id)) return false;
    const nowMs = this.clock.nowMs();
    if (nowMs - this.unknown.sinceMs >= FRESH_MS) this.unknown = { sinceMs: nowMs, reads: 0 };
    this.unknown.reads += 1;
    return this.unknown.reads <= UNKNOWN_READS;
  }

  private refresh(): Promise<boolean> {
    this.reading ??= Promise.race([this.attempt(), sleep(WAIT_MS, false, { ref: false })]);
    return this.reading;
  }

  private async attempt(): Promise<boolean> {
    try {
      await this.read();
      return true;
    } catch (error) {
      this.log.warn({ event: 'intake.directory_not_read', error }, 'tokens and silos as last read hold');
      return false;
    } finally {
      this.reading = undefined;
    }
  }

  private async read(): Promise<void> {
    const atMs = this.clock.nowMs();
    await this.sources.refresh();
    const tokens = await this.database.transaction(system('intake'), (tx) => this.repository.list(tx));
    this.tokens = new Map(tokens.map((token) => [token.id, token]));
    this.readAtMs = atMs;
  }
}
