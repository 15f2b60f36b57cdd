import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { Log } from '../../platform/logging/logging.js';
import { type IntakeToken, intakeTokenId, isIntakeToken } from '../../silos/intake-token.js';
import { IntakeTokenRepository } from '../../silos/intake-token.repository.js';
import { SourceDirectory } from '../source-directory.service.js';
import { IntakeCounts } from './intake-counts.service.js';

/** A token that was ended goes on for as long at most. */
const FRESH_MS = 2_000;
/** While the database is away, what was read last holds for as long. */
const STALE_MS = 15 * 60_000;
/** Tokens that are not known are read again, so that a new one holds at once; so often in two seconds at most, so that wrong ones do not burden the database. */
const UNKNOWN_READS = 50;

/** Whose token it is, and what that silo says of its logs. All are kept in memory and read again every two seconds while there are requests. */
@Injectable()
export class IntakeDirectory {
  private tokens: ReadonlyMap<string, IntakeToken> = new Map();
  private readAtMs = -Infinity;
  private reading: Promise<void> | undefined;
  private unknown = { sinceMs: 0, reads: 0 };

  constructor(
    private readonly clock: Clock,
    private readonly counts: IntakeCounts,
    private readonly database: Database,
    private readonly repository: IntakeTokenRepository,
    private readonly sources: SourceDirectory,
    private readonly log: Log,
  ) {}

  /** The tenant that `text` speaks for; undefined for no token, a wrong one or one that has ended. */
  async tenantOf(text: string | undefined): Promise<string | undefined> {
    const id = text === undefined ? undefined : intakeTokenId(text);
    if (text === undefined || id === undefined) return undefined;
    if (this.clock.nowMs() - this.readAtMs >= FRESH_MS || this.mayReadAgain(id)) await this.refresh();
    const token = this.tokens.get(id);
    if (token === undefined || !isIntakeToken(text, token, this.clock.now())) return undefined;
    this.counts.sawToken(id);
    return token.tenant;
  }

  private mayReadAgain(id: string): boolean {
    if (this.tokens.has(id)) return false;
    const nowMs = this.clock.nowMs();
    if (nowMs - this.unknown.sinceMs >= FRESH_MS) this.unknown = { sinceMs: nowMs, reads: 0 };
    this.unknown.reads += 1;
    return this.unknown.reads <= UNKNOWN_READS;
  }

  private async refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    try {
      await this.reading;
    } catch (error) {
      if (this.clock.nowMs() - this.readAtMs > STALE_MS) throw error;
      this.log.warn({ event: 'intake.directory_not_read', error }, 'tokens and silos as last read hold');
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
