import type { NoticeFacts } from './notice.js';

/** Another silo, as far as its words could stand in a text. */
export interface OtherSilo {
  readonly tenant: string;
  readonly name: string;
  readonly contacts: readonly { readonly name: string; readonly email: string }[];
}

/** A place that seems to name another customer. It quotes the author's own words only: who is meant is not told. */
export interface Leak {
  readonly field: string;
  readonly words: string;
}

/** Words shorter than this say nothing. */
const MIN_CHARACTERS = 3;
/** Mail domains that belong to no customer. */
const PUBLIC_DOMAINS = new Set([
  'gmail.com',
  'googlemail.com',
  'outlook.com',
  'hotmail.com',
  'live.com',
  'yahoo.com',
  'icloud.com',
  'me.com',
  'gmx.de',
  'gmx.net',
  'web.de',
  't-online.de',
  'proton.me',
  'protonmail.com',
  'aol.com',
  'mail.com',
  'posteo.de',
  'mailbox.org',
]);

/** Places in `facts` with names, labels, hosts, people or addresses of other silos. `own` are terms that this silo shares with others. */
export function findLeaks(facts: NoticeFacts, others: readonly OtherSilo[], own: OtherSilo): readonly Leak[] {
  const ownTerms = new Set(termsOf(own));
  const terms = [...new Set(others.flatMap(termsOf))]
    .filter((term) => !ownTerms.has(term))
    // The longest name that stands there is the one to quote.
    .toSorted((a, b) => b.length - a.length);
  if (terms.length === 0) return [];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${terms.map(escape).join('|')})(?![\\p{L}\\p{N}])`, 'gu');
  return Object.entries(facts).flatMap(([field, text]) =>
    [...new Set(Array.from(plain(text).matchAll(pattern), (match) => match[0]))].map((words) => ({ field, words })),
  );
}

function termsOf(silo: OtherSilo): string[] {
  const terms = [
    silo.tenant,
    silo.name,
    ...silo.contacts.flatMap(({ name, email }) => {
      const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
      // A first name alone is an ordinary word.
      const person = name.trim().includes(' ') ? [name] : [];
      return [...person, email, ...(PUBLIC_DOMAINS.has(domain) ? [] : [domain])];
    }),
  ];
  return terms.map(plain).filter((term) => term.length >= MIN_CHARACTERS);
}

/** Case, width, invisible characters and runs of space do not hide a name. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Pd}]/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase();
}

const escape = (term: string): string => term.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
