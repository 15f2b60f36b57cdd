import type { Chance } from './chance.js';
import { accessLine, type AuditTrail, type RawRecord } from './records.js';
import type { Person, SampleSilo } from './world.js';

type Step = 'stuffing' | 'signed-in' | 'factor-removed' | 'bank-changed' | 'exporting' | 'locked-out' | 'gone';

const BOT_AGENT = 'python-requests/2.32.3';
const GUESSES = 48;
const GUESS_EVERY_MS = 220;

/**
 * The demo's attack, as far as the silo lets it go: leaked passwords are tried on many accounts from a few addresses; one fits; the second factor is
 * removed, the bank details are changed and the books are exported again and again, until the session is revoked.
 */
export class AccountTakeover {
  readonly session: string;
  readonly victim: Person;
  readonly #silo: SampleSilo;
  readonly #trail: AuditTrail;
  readonly #chance: Chance;
  /** Those that the silo's firewall still lets in. */
  #addresses: readonly string[];
  #step: Step = 'stuffing';
  #guesses = 0;
  #refusals = 0;
  #nextMs: number;

  constructor(silo: SampleSilo, trail: AuditTrail, chance: Chance, startMs: number) {
    this.#silo = silo;
    this.#trail = trail;
    this.#chance = chance;
    this.#nextMs = startMs;
    this.session = `s-${chance.hex(16)}`;
    const victim = silo.people[0];
    if (victim === undefined) throw new Error('a silo without people cannot be attacked');
    this.victim = victim;
    const last = 20 + chance.below(200);
    this.#addresses = [0, 1, 2].map((n) => `203.0.113.${last + n}`);
  }

  /** The attack is over: the attacker found the door shut. */
  get isOver(): boolean {
    return this.#step === 'gone';
  }

  /** What the silo does on `session.revoke`: whoever held the session is refused from now on. */
  endSession(session: string): void {
    if (session === this.session && this.#step !== 'gone') this.#step = 'locked-out';
  }

  /** What the silo does on `address.block`: the firewall drops the address, and the audit trail says so. An attacker without an address is gone. */
  block(address: string): void {
    this.#addresses = this.#addresses.filter((one) => one !== address);
    if (this.#addresses.length === 0) this.#step = 'gone';
  }

  until(nowMs: number): RawRecord[] {
    const records: RawRecord[] = [];
    while (this.#nextMs <= nowMs && this.#step !== 'gone') records.push(...this.#act(this.#nextMs));
    return records;
  }

  get #main(): { ip: string; userAgent: string } {
    return { ip: this.#addresses[0] ?? '203.0.113.9', userAgent: BOT_AGENT };
  }

  #act(atMs: number): RawRecord[] {
    switch (this.#step) {
      case 'stuffing':
        return this.#guess(atMs);
      case 'signed-in':
        return this.#misuse(atMs, 'factor-removed', 3_000, 'mfa.disable', '/api/v1/profile/mfa', 'DELETE', {
          type: 'user',
          id: this.victim.id,
        });
      case 'factor-removed':
        return this.#misuse(atMs, 'bank-changed', 4_000, 'bank_account.change', '/api/v1/company/bank-account', 'PUT', {
          type: 'bank_account',
          id: 'ba-1',
        });
      case 'bank-changed':
      case 'exporting':
        return this.#misuse(
          atMs,
          'exporting',
          6_000,
          'data.export',
          '/api/v1/exports?scope=ledger&format=csv',
          'POST',
          { type: 'ledger', id: `2026-Q${1 + this.#chance.below(4)}` },
        );
      case 'locked-out':
        return this.#refused(atMs);
      case 'gone':
        return [];
    }
  }

  #guess(atMs: number): RawRecord[] {
    this.#guesses += 1;
    this.#nextMs = atMs + GUESS_EVERY_MS;
    if (this.#guesses > GUESSES) {
      this.#step = 'signed-in';
      this.#nextMs = atMs + 2_500;
      return [
        this.#request(atMs, 'POST', '/login', 302),
        this.#trail.record(atMs, { ...this.#asVictim(), action: 'session.login', outcome: 'success' }),
      ];
    }
    const from = { ip: this.#chance.pick(this.#addresses), userAgent: BOT_AGENT };
    // Leaked lists hold accounts of many services: most do not exist here, the victim's does and is tried several times.
    const email = this.#guesses % 4 === 0 ? this.victim.email : `user${this.#chance.below(5_000)}@mail.example`;
    return [
      accessLine(this.#silo.tenant, atMs, from, { method: 'POST', path: '/login', status: 401, bytes: 312 }),
      this.#trail.record(atMs, {
        action: 'session.login',
        outcome: 'failure',
        actor: { type: 'anonymous', email },
        ...from,
        reason: 'wrong password',
      }),
    ];
  }

  #asVictim(): { actor: Parameters<AuditTrail['record']>[1]['actor']; ip: string; userAgent: string } {
    const { id, email, roles } = this.victim;
    return { actor: { type: 'user', id, email, roles, session: this.session, mfa: false }, ...this.#main };
  }

  #request(atMs: number, method: string, path: string, status: number): RawRecord {
    return accessLine(this.#silo.tenant, atMs, this.#main, {
      method,
      path,
      status,
      bytes: status === 200 ? 1_204_331 : 240,
    });
  }

  #misuse(
    atMs: number,
    next: Step,
    waitMs: number,
    action: string,
    path: string,
    method: string,
    target: { type: string; id: string },
  ): RawRecord[] {
    this.#step = next;
    this.#nextMs = atMs + waitMs;
    const detail = action === 'data.export' ? { rows: 18_000 + this.#chance.below(9_000), format: 'csv' } : {};
    return [
      this.#request(atMs, method, path, 200),
      this.#trail.record(atMs, { ...this.#asVictim(), action, outcome: 'success', target, detail }),
    ];
  }

  #refused(atMs: number): RawRecord[] {
    this.#refusals += 1;
    this.#nextMs = atMs + 2_000;
    if (this.#refusals >= 3) this.#step = 'gone';
    return [this.#request(atMs, 'POST', '/api/v1/exports?scope=ledger&format=csv', 401)];
  }
}
