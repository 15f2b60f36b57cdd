import type { Chance } from './chance.js';
import { accessLine, type AuditFacts, type AuditTrail, type RawRecord } from './records.js';
import type { Person, SampleSilo } from './world.js';

/** A record with the time at which it was written (ms since 1970). */
export interface TimedRecord extends RawRecord {
  readonly atMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

type Write = (atMs: number, trail: AuditTrail) => RawRecord;
type Planned = readonly [atMs: number, write: Write];
type Where = Pick<Person, 'ip' | 'userAgent'>;

const PAGES = [
  ['/app/dashboard', 14_200],
  ['/app/invoices?page=2', 22_310],
  ['/app/customers?sort=name&dir=asc', 18_440],
  ['/app/reports/profit-and-loss?from=2026-01-01&to=2026-09-30', 31_020],
  ['/app/search?q=O%27Brien+%26+Sons', 7_650],
  ['/app/search?q=select+committee+or+trade+union', 6_120],
  ['/assets/app.9f2c1d.js', 188_204],
  ['/api/v1/notifications', 512],
] as const;

/**
 * A whole day of one customer, from midnight UTC: people come to work between seven and nine, mistype, share the address of their office or
 * work at home, read, write, export a little and go; owners give roles; support looks in with a ticket; a partner's machine reads invoices with
 * its key; backups, patches, scans, releases and signs of life come when they are due. Nothing in it is an attack. Deterministic.
 */
export class CompanyDay {
  readonly #planned: Planned[] = [];
  readonly #silo: SampleSilo;
  readonly #chance: Chance;
  readonly #startMs: number;
  readonly #office: string;

  constructor(silo: SampleSilo, chance: Chance, startMs: number, officeAddress: string) {
    this.#silo = silo;
    this.#chance = chance;
    this.#startMs = startMs;
    this.#office = officeAddress;
  }

  /** The records of the day, in order. Call once. */
  records(trail: AuditTrail): TimedRecord[] {
    const isWeekend = [0, 6].includes(new Date(this.#startMs).getUTCDay());
    for (const person of this.#silo.people) if (this.#chance.happens(isWeekend ? 0.05 : 0.9)) this.#workOf(person);
    this.#ownersWork();
    this.#machines();
    this.#operators();
    if (this.#chance.happens(0.15)) this.#support();
    this.#planned.sort(([a], [b]) => a - b);
    return this.#planned.map(([atMs, write]) => ({ ...write(atMs, trail), atMs }));
  }

  #audit(atMs: number, facts: AuditFacts): void {
    this.#planned.push([atMs, (at, trail) => trail.record(at, facts)]);
  }

  #request(atMs: number, from: Where, method: string, path: string, status: number, bytes: number): void {
    const { tenant } = this.#silo;
    this.#planned.push([atMs, (at) => accessLine(tenant, at, from, { method, path, status, bytes })]);
  }

  #at(hour: number, spreadHours: number): number {
    return Math.floor(this.#startMs + (hour + this.#chance.next() * spreadHours) * HOUR_MS);
  }

  #workOf(person: Person): void {
    // Three in four sit behind the one address of the office; the others work at home.
    const ip = this.#chance.happens(0.75) ? this.#office : person.ip;
    const where = { ip, userAgent: person.userAgent };
    const visits = 1 + this.#chance.below(3);
    let atMs = this.#at(7, 2);
    for (let visit = 0; visit < visits; visit += 1) {
      atMs = this.#visit(person, where, atMs) + this.#chance.waitMs(90 * MINUTE_MS);
      if (atMs > this.#startMs + 20 * HOUR_MS) return;
    }
  }

  /** Returns when the person leaves. */
  #visit(person: Person, where: Where, startMs: number): number {
    let atMs = startMs;
    while (this.#chance.happens(0.08)) {
      this.#request(atMs, where, 'POST', '/login', 401, 312);
      const actor = { type: 'anonymous', email: person.email } as const;
      this.#audit(atMs, { action: 'session.login', outcome: 'failure', actor, ...where, reason: 'wrong password' });
      atMs += 4_000 + this.#chance.below(20_000);
    }
    const session = `s-${this.#chance.hex(16)}`;
    const { id, email, roles } = person;
    const by = { actor: { type: 'user', id, email, roles, session, mfa: true } as const, ...where };
    this.#request(atMs, where, 'POST', '/login', 302, 0);
    this.#audit(atMs, { ...by, action: 'session.login', outcome: 'success', detail: { mfa_enrolled: true } });
    for (let steps = 10 + this.#chance.below(50); steps > 0; steps -= 1) {
      atMs = Math.floor(atMs + 2_000 + this.#chance.waitMs(50_000));
      this.#step(by, where, atMs);
    }
    atMs += 5_000;
    this.#request(atMs, where, 'POST', '/logout', 302, 0);
    this.#audit(atMs, { ...by, action: 'session.logout', outcome: 'success' });
    return atMs;
  }

  #step(by: Pick<AuditFacts, 'actor' | 'ip' | 'userAgent'>, where: Where, atMs: number): void {
    const number = `2026-${String(this.#chance.below(9_999)).padStart(4, '0')}`;
    const does = (action: string, type: string, id: string, detail: Record<string, unknown> = {}): void =>
      this.#audit(atMs, { ...by, action, outcome: 'success', target: { type, id }, detail });
    if (this.#chance.happens(0.5)) {
      const [path, bytes] = this.#chance.pick(PAGES);
      this.#request(atMs, where, 'GET', path, this.#chance.happens(0.15) ? 304 : 200, bytes);
    } else if (this.#chance.happens(0.6)) {
      this.#request(atMs, where, 'GET', `/app/invoices/${number}`, this.#chance.happens(0.01) ? 404 : 200, 9_120);
      does('invoice.read', 'invoice', number);
    } else if (this.#chance.happens(0.96)) {
      this.#request(atMs, where, 'POST', '/api/v1/invoices', 201, 840);
      does('invoice.create', 'invoice', number);
    } else if (this.#chance.happens(0.4)) {
      this.#request(atMs, where, 'POST', '/api/v1/exports', 200, 80_000);
      does('data.export', 'ledger', '2026-Q3', { rows: 200 + this.#chance.below(4_000), format: 'csv' });
    } else {
      this.#request(atMs, where, 'GET', '/app/settings/payroll', 403, 190);
      const target = { type: 'payroll', id: 'all' };
      this.#audit(atMs, { ...by, action: 'payroll.read', outcome: 'denied', target });
    }
  }

  /** What an owner does now and then, in a session of the afternoon. */
  #ownersWork(): void {
    const owner = this.#silo.people[0];
    if (owner === undefined) return;
    const { id, email, roles, userAgent } = owner;
    const session = `s-${this.#chance.hex(16)}`;
    const by = { actor: { type: 'user', id, email, roles, session, mfa: true } as const, ip: this.#office, userAgent };
    const atMs = this.#at(13, 3);
    this.#audit(atMs, { ...by, action: 'session.login', outcome: 'success', detail: { mfa_enrolled: true } });
    const now = (
      action: string,
      type: string,
      target: string,
      detail: Record<string, unknown>,
      chance: number,
    ): void => {
      const facts = { ...by, action, outcome: 'success', target: { type, id: target }, detail } as const;
      if (this.#chance.happens(chance)) this.#audit(atMs + MINUTE_MS + this.#chance.below(20 * MINUTE_MS), facts);
    };
    now('role.grant', 'user', 'u-new', { role: 'accountant' }, 0.1);
    now('bank_account.change', 'bank_account', 'ba-1', {}, 0.02);
    now('webhook.create', 'webhook', 'w-1', { url: 'https://hooks.partner.example/cashsheet' }, 0.02);
    now('api_key.create', 'api_key', 'k-2', {}, 0.02);
    now('mfa.enroll', 'user', 'u-new', {}, 0.1);
    this.#audit(atMs + 30 * MINUTE_MS, { ...by, action: 'session.logout', outcome: 'success' });
  }

  /** A partner's system reads new invoices with its key; a crawler passes by. */
  #machines(): void {
    const partner = { ip: `198.19.7.${10 + (this.#office.length % 200)}`, userAgent: 'partner-sync/4.1' };
    for (let atMs = this.#startMs; atMs < this.#startMs + DAY_MS; atMs += 10 * MINUTE_MS) {
      const at = atMs + this.#chance.below(30_000);
      this.#request(at, partner, 'GET', '/api/v1/invoices?since=yesterday', 200, 2_100);
      const actor = { type: 'service', id: 'partner', api_key: 'k-1' } as const;
      this.#audit(at, { action: 'invoice.list', outcome: 'success', actor, ip: partner.ip });
    }
    const crawler = {
      ip: '192.0.2.77',
      userAgent: 'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)',
    };
    for (let hits = 20 + this.#chance.below(40); hits > 0; hits -= 1)
      this.#request(this.#at(0, 24), crawler, 'GET', this.#chance.pick(['/robots.txt', '/', '/sitemap.xml']), 200, 68);
  }

  /** What comes by itself every day, and now and then. */
  #operators(): void {
    const service = { type: 'service', id: 'platform' } as const;
    const done = (atMs: number, action: string, type: string, id: string, detail: Record<string, unknown> = {}): void =>
      this.#audit(Math.floor(atMs), { action, outcome: 'success', actor: service, target: { type, id }, detail });
    done(this.#at(2, 0.2), 'backup.completed', 'database', 'main', { encryption: 'AES-256', size_bytes: 734_003_200 });
    const retention = { action: 'backup.delete', outcome: 'success', actor: service, reason: 'retention' } as const;
    this.#audit(this.#at(2.5, 0.2), { ...retention, target: { type: 'backup', id: 'oldest' } });
    done(this.#at(0.1, 0.1), 'audit.checkpoint', 'audit', 'trail');
    done(this.#at(4, 0.5), 'patch.applied', 'host', 'h-1', { packages: this.#chance.below(9) });
    const isMonday = new Date(this.#startMs).getUTCDay() === 1;
    if (isMonday) done(this.#at(5, 1), 'dependency.scan', 'release', 'current', { critical: 0 });
    for (let atMs = this.#startMs; atMs < this.#startMs + DAY_MS; atMs += 5 * MINUTE_MS) {
      done(atMs, 'service.heartbeat', 'service', 'api');
      done(atMs + 2_000, 'backup.log_archived', 'database', 'main');
    }
    if (!this.#chance.happens(0.2)) return;
    const atMs = this.#at(10, 1);
    const release = `r-${this.#chance.hex(6)}`;
    done(atMs, 'dependency.scan', 'release', release, { critical: 0 });
    done(atMs + MINUTE_MS, 'release.deploy', 'release', release, { environment: 'production', reviewed: true });
    done(atMs + MINUTE_MS, 'dependency.scan', 'release', release, { critical: 0 });
    const image = `registry.example/app@sha256:${this.#chance.hex(64)}`;
    done(atMs + 2 * MINUTE_MS, 'image.start', 'container', 'c-1', { image, approved: true });
  }

  /** Support helps with a ticket, in working hours. */
  #support(): void {
    const atMs = this.#at(9, 7);
    const actor = { type: 'employee', id: 'e-11', email: 'sam@cashsheet.example', mfa: true } as const;
    const by = { actor, outcome: 'success', ip: '198.51.100.200', reason: 'CS-4711: a sum does not add up' } as const;
    this.#audit(atMs, { ...by, action: 'employee.access' });
    const detail = { ticket: 'CS-4711' };
    this.#audit(atMs + MINUTE_MS, {
      ...by,
      action: 'invoice.read',
      target: { type: 'invoice', id: '2026-0001' },
      detail,
    });
  }
}
