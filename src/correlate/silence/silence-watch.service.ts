import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { announce } from '../../platform/live/live.js';
import { Log } from '../../platform/logging/logging.js';
import { Clock } from '../../platform/clock/clock.js';
import { AlertRepository } from '../alerts/alert.repository.js';
import { AlertService } from '../alerts/alert.service.js';
import { type Allowed, allowedSilence, spell } from './habit.js';
import { type QuietStream, SilenceRepository } from './silence.repository.js';

const HOUR_MS = 60 * 60 * 1000;
/** So many streams, and more than half of those that spoke within a day: then it is our side that hears nothing. */
const HELD_FROM = 4;

interface Unusual {
  readonly quiet: QuietStream;
  readonly allowed: Allowed;
}

/**
 * Notices silos from which nothing has come for longer than their habit. Silence is counted only while the log answered and everything in it
 * had been read, so that an outage of ours, or reading that is behind, begins it anew and is never a silo's.
 */
@Injectable()
export class SilenceWatch {
  /** When to look at a quiet stream again: before that its habit cannot be exceeded. Forgotten at a restart, which costs one look. */
  private readonly lookAgain = new Map<string, { readonly quietFromMs: number; readonly atMs: number }>();
  private wasHeld = false;

  constructor(
    private readonly alerts: AlertService,
    private readonly alertRows: AlertRepository,
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly log: Log,
    private readonly silences: SilenceRepository,
  ) {}

  async look(): Promise<void> {
    await this.database.transaction(system('correlate'), async (tx) => {
      if (!(await this.silences.tryLock(tx))) return;
      const now = this.clock.now();
      await this.end(tx, now);
      const unusual = await this.unusual(tx);
      const isOurs = unusual.length >= HELD_FROM && unusual.length * 2 > (await this.silences.speaking(tx, now));
      if (isOurs && !this.wasHeld) {
        const streams = unusual.length;
        this.log.error(
          { event: 'silence.held', streams },
          'most silos are silent at once: nothing is said of a single one',
        );
      }
      this.wasHeld = isOurs;
      if (isOurs) return;
      for (const one of unusual) await this.notice(tx, one, now);
    });
  }

  private async unusual(tx: Tx): Promise<readonly Unusual[]> {
    const found: Unusual[] = [];
    const kept = new Set<string>();
    for (const quiet of await this.silences.quiet(tx)) {
      const key = `${quiet.tenant} ${quiet.stream}`;
      kept.add(key);
      const known = this.lookAgain.get(key);
      if (known?.quietFromMs === quiet.quietFromMs && quiet.readUpToMs < known.atMs) continue;
      const gaps = await this.silences.gaps(tx, quiet.tenant, quiet.stream, new Date(quiet.readUpToMs));
      const { firstArrivalMs: firstMs, timeZone, quietFromMs, readUpToMs } = quiet;
      const allowed = allowedSilence(readUpToMs, { firstMs, gaps, timeZone });
      if (readUpToMs - quietFromMs >= allowed.ms) found.push({ quiet, allowed });
      else {
        // Another hour has another habit.
        const atMs = Math.min(quietFromMs + allowed.ms, (Math.floor(readUpToMs / HOUR_MS) + 1) * HOUR_MS);
        this.lookAgain.set(key, { quietFromMs, atMs });
      }
    }
    for (const key of this.lookAgain.keys()) if (!kept.has(key)) this.lookAgain.delete(key);
    return found;
  }

  private async notice(tx: Tx, { quiet, allowed }: Unusual, now: Date): Promise<void> {
    const { tenant, stream, lastArrivalMs } = quiet;
    const since = new Date(lastArrivalMs);
    const usual =
      allowed.usualMs === null
        ? `none for ${spell(allowed.ms)} while its habit is still being learned`
        : `at this hour usually never longer than ${spell(Math.max(allowed.usualMs, 60_000))}`;
    const alert = await this.alerts.raise(tx, {
      tenant,
      ruleId: 'silowatch.silo-silent',
      title: `Silent silo: no ${stream} records since ${since.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${usual}`,
      level: 'medium',
      key: `${stream} ${since.toISOString()}`,
      at: now,
      promises: ['MON-1'],
      tags: ['attack.defense-impairment', 'attack.t1685'],
      respond:
        'Find out whether the silo stands still, only its shipper, or the way between: its own page says what else of it still speaks. Silence is where intruders work.',
    });
    await this.silences.begin(tx, { tenant, stream, since, allowedMs: allowed.ms, alertId: alert.id }, now);
    await announce(tx, { topic: 'silo', id: tenant, tenants: [tenant] });
    this.log.warn({ event: 'silence.noticed', tenant, stream, since, allowedMs: allowed.ms }, 'a silo is silent');
  }

  private async end(tx: Tx, now: Date): Promise<void> {
    for (const { alertId, tenant } of await this.silences.endOver(tx, now)) {
      await this.alertRows.resolve(tx, alertId, now);
      await announce(tx, { topic: 'alert', id: alertId, tenants: [tenant] });
      await announce(tx, { topic: 'silo', id: tenant, tenants: [tenant] });
    }
  }
}
