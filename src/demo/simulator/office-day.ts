import type { Chance } from './chance.js';
import { accessLine, type AuditTrail, type RawRecord } from './records.js';
import type { Person, SampleSilo } from './world.js';

interface Visit {
  readonly session: string;
  pagesLeft: number;
}

const PAGES = [
  ['GET', '/app/dashboard', 14_200],
  ['GET', '/app/invoices?page=1', 22_310],
  ['GET', '/app/invoices/2026-0417', 9_120],
  ['GET', '/app/customers?sort=name', 18_440],
  ['GET', '/app/reports/profit-and-loss?from=2026-01-01&to=2026-09-30', 31_020],
  ['GET', '/app/search?q=O%27Brien+%26+Sons', 7_650],
  ['GET', '/assets/app.9f2c1d.js', 188_204],
  ['GET', '/assets/app.51aa0e.css', 40_118],
  ['GET', '/api/v1/notifications', 512],
  ['POST', '/api/v1/invoices', 840],
  ['POST', '/api/v1/receipts', 610],
] as const;

/**
 * What an ordinary working day looks like in a silo's logs: people sign in (some mistype once), look at pages, write invoices, sign out;
 * a backup runs; a crawler passes by. Deterministic for a given `Chance`.
 */
export class OfficeDay {
  readonly #silo: SampleSilo;
  readonly #trail: AuditTrail;
  readonly #chance: Chance;
  readonly #visits = new Map<Person, Visit>();
  readonly #meanMs: number;
  #nextMs: number;
  #nextBackupMs: number;

  /** `meanMs`: mean time between two actions of anyone in the silo. */
  constructor(silo: SampleSilo, trail: AuditTrail, chance: Chance, startMs: number, meanMs: number) {
    this.#silo = silo;
    this.#trail = trail;
    this.#chance = chance;
    this.#meanMs = meanMs;
    this.#nextMs = startMs;
    this.#nextBackupMs = startMs + 20_000;
  }

  /** Everything that happens until `nowMs`. */
  until(nowMs: number): RawRecord[] {
    const records: RawRecord[] = [];
    while (this.#nextMs <= nowMs) {
      records.push(...this.#act(this.#nextMs));
      this.#nextMs += this.#chance.waitMs(this.#meanMs);
    }
    if (this.#nextBackupMs <= nowMs) {
      records.push(this.#backup(this.#nextBackupMs));
      this.#nextBackupMs += 24 * 3_600_000;
    }
    return records;
  }

  /** Ends a session from outside; its person has to sign in again. */
  endSession(session: string): void {
    for (const [person, visit] of this.#visits) if (visit.session === session) this.#visits.delete(person);
  }

  #backup(atMs: number): RawRecord {
    return this.#trail.record(atMs, {
      action: 'backup.completed',
      outcome: 'success',
      actor: { type: 'service', id: 'backup' },
      target: { type: 'database', id: 'main' },
      detail: { encryption: 'AES-256', sizeBytes: 734_003_200 },
    });
  }

  #act(atMs: number): RawRecord[] {
    if (this.#chance.happens(0.02)) return [this.#crawler(atMs)];
    const person = this.#chance.pick(this.#silo.people);
    const visit = this.#visits.get(person);
    if (visit === undefined) return this.#signIn(person, atMs);
    visit.pagesLeft -= 1;
    if (visit.pagesLeft > 0) return this.#browse(person, visit, atMs);
    this.#visits.delete(person);
    return [
      accessLine(this.#silo.tenant, atMs, person, { method: 'POST', path: '/logout', status: 302, bytes: 0 }),
      this.#trail.record(atMs, { ...this.#by(person, visit), action: 'session.logout', outcome: 'success' }),
    ];
  }

  #crawler(atMs: number): RawRecord {
    const from = {
      ip: '192.0.2.77',
      userAgent: 'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)',
    };
    return accessLine(this.#silo.tenant, atMs, from, { method: 'GET', path: '/robots.txt', status: 200, bytes: 68 });
  }

  #by(
    person: Person,
    visit: Visit,
  ): { actor: Parameters<AuditTrail['record']>[1]['actor']; ip: string; userAgent: string } {
    const { id, email, roles, ip, userAgent } = person;
    return { actor: { type: 'user', id, email, roles, session: visit.session, mfa: true }, ip, userAgent };
  }

  #signIn(person: Person, atMs: number): RawRecord[] {
    const { tenant } = this.#silo;
    if (this.#chance.happens(0.05)) {
      return [
        accessLine(tenant, atMs, person, { method: 'POST', path: '/login', status: 401, bytes: 312 }),
        this.#trail.record(atMs, {
          action: 'session.login',
          outcome: 'failure',
          actor: { type: 'anonymous', email: person.email },
          ip: person.ip,
          userAgent: person.userAgent,
          reason: 'wrong password',
        }),
      ];
    }
    const visit: Visit = { session: `s-${this.#chance.hex(16)}`, pagesLeft: 4 + this.#chance.below(30) };
    this.#visits.set(person, visit);
    return [
      accessLine(tenant, atMs, person, { method: 'POST', path: '/login', status: 302, bytes: 0 }),
      this.#trail.record(atMs, { ...this.#by(person, visit), action: 'session.login', outcome: 'success' }),
    ];
  }

  #browse(person: Person, visit: Visit, atMs: number): RawRecord[] {
    const { tenant } = this.#silo;
    const [method, path, bytes] = this.#chance.pick(PAGES);
    const status = method === 'POST' ? 201 : this.#chance.happens(0.15) ? 304 : 200;
    const page = accessLine(tenant, atMs, person, {
      method,
      path,
      status,
      bytes,
      referer: `https://${tenant}.cashsheet.example/app`,
    });
    if (method !== 'POST') return [page];
    const kind = path.endsWith('invoices') ? 'invoice' : 'receipt';
    return [
      page,
      this.#trail.record(atMs, {
        ...this.#by(person, visit),
        action: `${kind}.create`,
        outcome: 'success',
        target: { type: kind, id: `2026-${String(this.#chance.below(10_000)).padStart(4, '0')}` },
      }),
    ];
  }
}
