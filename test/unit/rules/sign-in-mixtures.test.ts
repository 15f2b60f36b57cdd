import { EventTimeCorrelator } from '../../../src/cli/event-time-correlator.js';
import { readRuleFiles, SHIPPED_RULES } from '../../../src/cli/rule-files.js';
import { Chance } from '../../../src/demo/simulator/chance.js';
import { load } from '../../../src/sigma/index.js';

const { files } = await readRuleFiles([SHIPPED_RULES]);
const { matcher, consumers } = load(files);
const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-03-03T00:00:00Z');
const ATTACKER = '203.0.113.9';

interface SignIn {
  readonly atMs: number;
  readonly email: string;
  readonly ip: string;
  readonly isGood: boolean;
}

interface Alerted {
  readonly name: string | undefined;
  readonly level: string;
  readonly group: readonly string[];
  readonly atMs: number;
}

/** A day of 120 people, 90 of them behind one address, each of whom mistypes now and then: nothing in it is an attack. */
function office(seed: number): SignIn[] {
  const chance = new Chance(seed);
  return Array.from({ length: 120 }, (_, n) => n).flatMap((n) => {
    const email = `p${n}@acme.example`;
    const ip = n < 90 ? '198.51.100.7' : `198.18.1.${n}`;
    return [0, 1, 2].flatMap((visit) => {
      let atMs = START_MS + (7.5 + visit * 3 + chance.next() * 1.5) * 3_600_000;
      const tries: SignIn[] = [];
      while (chance.happens(0.08) && tries.length < 6) tries.push({ atMs: (atMs += 8_000), email, ip, isGood: false });
      return [...tries, { atMs: atMs + 8_000, email, ip, isGood: true }];
    });
  });
}

const row = (count: number, everyMs: number, of: (n: number) => Pick<SignIn, 'email' | 'ip'>): SignIn[] =>
  Array.from({ length: count }, (_, n) => ({ ...of(n), atMs: START_MS + 9 * 3_600_000 + n * everyMs, isGood: false }));

/** What is planted, and the rules of which one must find it. */
const ATTACKS: readonly (readonly [string, readonly SignIn[], readonly string[]])[] = [
  [
    'a burst over many accounts from one address',
    row(40, 2_000, (n) => ({ email: `x${n}@mail.example`, ip: ATTACKER })),
    ['stuffing_by_address'],
  ],
  [
    'an account every eight minutes from one address',
    row(100, 480_000, (n) => ({ email: `x${n}@mail.example`, ip: ATTACKER })),
    ['stuffing_slowly_by_address'],
  ],
  [
    'one account from many addresses',
    row(12, 240_000, (n) => ({ email: 'p1@acme.example', ip: `203.0.113.${n}` })),
    ['account_guessed_from_many_addresses'],
  ],
  [
    'one account every twenty minutes',
    row(44, 1_200_000, () => ({ email: 'p1@acme.example', ip: ATTACKER })),
    ['account_guessed_slowly'],
  ],
  [
    'spread over accounts and addresses',
    row(60, 8_000, (n) => ({ email: `x${n}@mail.example`, ip: `203.0.113.${n}` })),
    ['stuffing_spread'],
  ],
];

function alertsOn(signIns: readonly SignIn[]): Alerted[] {
  const alerts: Alerted[] = [];
  const correlator = new EventTimeCorrelator<undefined>(consumers, ({ correlation }, group, firing) => {
    if (firing.continues || correlation.level === 'informational') return;
    alerts.push({ name: correlation.name, level: correlation.level, group, atMs: firing.timeMs });
  });
  for (const { atMs, email, ip, isGood } of signIns.toSorted((a, b) => a.atMs - b.atMs)) {
    const actor = isGood
      ? { type: 'user', id: email, email, session: `s-${atMs}`, mfa: true }
      : { type: 'anonymous', email };
    const fields = {
      action: 'session.login',
      outcome: isGood ? 'success' : 'failure',
      actor,
      ip,
      time: new Date(atMs).toISOString(),
    };
    correlator.advance(atMs, undefined);
    for (const rule of matcher.match({ logsource: { product: 'silo', service: 'app' }, fields })) {
      correlator.match(rule, atMs, fields, undefined);
    }
  }
  correlator.finish(undefined);
  return alerts;
}

const SEEDS = [1, 2, 3];

describe('sign-ins of a day', () => {
  it('raise nothing where an office mistypes behind one address, in three days', () => {
    expect(SEEDS.flatMap((seed) => alertsOn(office(seed)))).toEqual([]);
  });

  it.each(ATTACKS)('show %s among those of an office, and nobody else', (_title, planted, names) => {
    for (const seed of SEEDS) {
      const alerts = alertsOn([...office(seed), ...planted]);
      expect(alerts.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
      const guilty = new Set(planted.flatMap(({ email, ip }) => [email, ip]));
      // The owner of an account that is guessed at signs in as well: that alert is about the account, not about a stranger to the attack.
      expect(alerts.filter(({ group }) => group.length > 0 && !group.some((value) => guilty.has(value)))).toEqual([]);
    }
  });

  it.each([
    ['of one account', (_n: number) => 'p1@acme.example', 12],
    ['of many accounts', (n: number) => `p${n}@acme.example`, 40],
  ])('raise a success after guesses %s to critical at the record that decides it', (_title, emailOf, count) => {
    const planted = row(count, 3_000, (n) => ({ email: emailOf(n), ip: ATTACKER }));
    const atMs = (planted.at(-1)?.atMs ?? 0) + 5_000;
    const alerts = alertsOn([...office(1), ...planted, { atMs, email: 'p1@acme.example', ip: ATTACKER, isGood: true }]);
    expect(alerts.filter(({ level }) => level === 'critical').map((alert) => alert.atMs)).toContain(atMs);
  });

  it('lie within one day', () => {
    expect(Math.max(...ATTACKS.flatMap(([, planted]) => planted.map((one) => one.atMs)))).toBeLessThan(
      START_MS + DAY_MS,
    );
  });
});
