import type { Chance } from './chance.js';

/** A person with an account in a sample silo. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly ip: string;
  readonly userAgent: string;
}

export interface SampleSilo {
  readonly tenant: string;
  readonly name: string;
  readonly people: readonly Person[];
}

const USER_AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
];

const FIRST_NAMES = [
  'amara',
  'bengt',
  'chiara',
  'dmitri',
  'elif',
  'farid',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'kofi',
  'lena',
];
const LAST_NAMES = [
  'abel',
  'brandt',
  'costa',
  'dahl',
  'engel',
  'fischer',
  'garcia',
  'hoang',
  'ivanova',
  'jensen',
  'kaya',
  'lind',
];

/** The three sample customers of the demo. The names are invented; the domains are reserved for examples (RFC 2606). */
export const SAMPLE_SILOS = [
  { tenant: 'harbor-bakery', name: 'Harbor Bakery Group' },
  { tenant: 'northwind-dental', name: 'Northwind Dental Practices' },
  { tenant: 'lumen-studio', name: 'Lumen Studio' },
] as const;

/** Workplaces in an office; whoever comes after them works from the company's own network (RFC 1918). */
const OFFICE_SEATS = 200;

const addressOf = (index: number, half: number, n: number): string =>
  n < OFFICE_SEATS
    ? `198.18.${(index % 64) * 4 + half}.${10 + n}`
    : `10.${index % 256}.${Math.floor(n / OFFICE_SEATS) % 256}.${10 + (n % OFFICE_SEATS)}`;

/** People of a silo behind its office network (documentation addresses, RFC 5737 and RFC 2544). */
export function populate(tenant: string, name: string, index: number, size: number, chance: Chance): SampleSilo {
  const people = Array.from({ length: size }, (_, n): Person => {
    const first = FIRST_NAMES[(n * 5 + index * 3) % FIRST_NAMES.length] ?? 'ada';
    const last = LAST_NAMES[(n * 7 + index) % LAST_NAMES.length] ?? 'low';
    const isOwner = n === 0;
    return {
      id: `u-${index + 1}${String(n).padStart(2, '0')}`,
      email: `${first}.${last}${n < FIRST_NAMES.length ? '' : n}@${tenant}.example`,
      roles: isOwner ? ['owner'] : n % 3 === 0 ? ['accountant'] : ['member'],
      ip: addressOf(index, chance.below(2), n),
      userAgent: chance.pick(USER_AGENTS),
    };
  });
  return { tenant, name, people };
}
