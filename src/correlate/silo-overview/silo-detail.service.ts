import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import { notFound } from '../../platform/errors/domain-error.js';
import { siloTopic } from '../../platform/event-log/topics.js';
import { IntakeTokenRepository } from '../../silos/intake-token.repository.js';
import { SiloCredentialRepository } from '../../silos/silo-credential.repository.js';
import { SiloDirectory } from '../../silos/silo-directory.service.js';
import { allowedSilence } from '../silence/habit.js';
import { SiloOverviewRepository } from './silo-overview.repository.js';
import type { SiloDetail, SiloOverview } from './silo-overview.schema.js';
import { SilenceRepository } from '../silence/silence.repository.js';

const RATE_MINUTES = 180;
const MINUTE_MS = 60_000;
/** Of principals at the broker. */
const NEITHER = { expiresAt: null, lastUsedAt: null };

/** What a silo's own page shows besides its row in the list. */
@Injectable()
export class SiloDetailService {
  constructor(
    private readonly credentials: SiloCredentialRepository,
    private readonly overviews: SiloOverviewRepository,
    private readonly silences: SilenceRepository,
    private readonly silos: SiloDirectory,
    private readonly tokens: IntakeTokenRepository,
  ) {}

  async of(tx: Tx, tenant: string, now: Date): Promise<Omit<SiloDetail, keyof SiloOverview>> {
    const silo = await this.silos.find(tx, tenant);
    if (silo === undefined) throw notFound('The silo');
    const { timeZone, language, jurisdictions } = silo;
    const contacts = await this.silos.contacts(tx, tenant);
    const deadLetters = await this.overviews.deadLetters(tx, tenant);
    return {
      timeZone,
      language,
      jurisdictions: [...jurisdictions],
      contacts: contacts.map(({ id, name, email, role, isVerified }) => ({ id, name, email, role, isVerified })),
      habits: await this.habits(tx, tenant, timeZone, now),
      silences: (await this.silences.latest(tx, tenant)).map(({ stream, since, noticedAt, endedAt, alertId }) => {
        const ended = endedAt?.toISOString() ?? null;
        return { stream, since: since.toISOString(), noticedAt: noticedAt.toISOString(), endedAt: ended, alertId };
      }),
      credentials: await this.credentialViews(tx, tenant, now),
      intake: (await this.overviews.intake(tx, tenant)).map(({ lastAt, ...count }) => {
        return { ...count, lastAt: lastAt.toISOString() };
      }),
      deadLetters: deadLetters.map((letter) => {
        return { ...letter, lastAt: letter.lastAt.toISOString(), topic: siloTopic(tenant, letter.stream) };
      }),
      rates: await this.rates(tx, tenant, now),
    };
  }

  private async credentialViews(tx: Tx, tenant: string, now: Date): Promise<SiloDetail['credentials']> {
    const principals = await this.credentials.list(tx, tenant);
    const tokens = await this.tokens.list(tx, tenant);
    return [
      ...principals.map(({ kind, issuedAt, rotatedAt }) => ({ kind, issuedAt, rotatedAt, ...NEITHER })),
      ...tokens
        .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
        .map(({ issuedAt, expiresAt, lastUsedAt }) => {
          return { kind: 'intake' as const, issuedAt, rotatedAt: null, expiresAt, lastUsedAt };
        }),
    ].map(({ kind, issuedAt, rotatedAt, expiresAt, lastUsedAt }) => ({
      kind,
      issuedAt: issuedAt.toISOString(),
      rotatedAt: rotatedAt?.toISOString() ?? null,
      expiresAt: expiresAt?.toISOString() ?? null,
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
    }));
  }

  private async habits(tx: Tx, tenant: string, timeZone: string, now: Date): Promise<SiloDetail['habits']> {
    const habits: SiloDetail['habits'] = [];
    for (const { stream, firstMs } of await this.silences.firsts(tx, tenant)) {
      const gaps = await this.silences.gaps(tx, tenant, stream, now);
      const { ms, usualMs } = allowedSilence(now.getTime(), { firstMs, gaps, timeZone });
      habits.push({ stream, allowedSeconds: ms / 1000, usualSeconds: usualMs === null ? null : usualMs / 1000 });
    }
    return habits;
  }

  private async rates(tx: Tx, tenant: string, now: Date): Promise<SiloDetail['rates']> {
    const known = new Map(
      (await this.overviews.minutes(tx, [tenant], RATE_MINUTES, now)).map(({ at, events }) => [at.getTime(), events]),
    );
    const startMs = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS - RATE_MINUTES * MINUTE_MS;
    return Array.from({ length: RATE_MINUTES }, (_, i) => {
      const atMs = startMs + i * MINUTE_MS;
      return { at: new Date(atMs).toISOString(), events: known.get(atMs) ?? 0 };
    });
  }
}
