import type { NoticeFacts, NoticeKind } from './notice.js';

/** One thing that a notice says. */
export interface FactField {
  readonly key: string;
  /** What the customer reads above it. */
  readonly label: string;
  /** What the author is told. */
  readonly help: string;
  /** Kinds of notice that show it. */
  readonly kinds: readonly NoticeKind[];
  /** Kinds that cannot be approved without it. */
  readonly requiredFor: readonly NoticeKind[];
}

const ALL: readonly NoticeKind[] = ['first', 'update', 'final', 'retraction'];

/** In the order of the mail. The contents of GDPR art. 33(3) (a) to (d) are required of a first notice; 33(4) allows to say that a number is not known yet. */
export const FACT_FIELDS: readonly FactField[] = [
  {
    key: 'whatIsNew',
    label: 'What is new',
    help: 'What has become known or was done since the last notice.',
    kinds: ['update'],
    requiredFor: ['update'],
  },
  {
    key: 'whatWasWrong',
    label: 'What we told you, and what is correct',
    help: 'Which statement is withdrawn, what is true instead, and how the error came about.',
    kinds: ['retraction'],
    requiredFor: ['retraction'],
  },
  {
    key: 'whatHappened',
    label: 'What happened',
    help: 'The nature of the breach in plain words: who did what to which of this customer’s systems or accounts (art. 33(3)(a)).',
    kinds: ['first', 'final'],
    requiredFor: ['first', 'final'],
  },
  {
    key: 'period',
    label: 'When it happened',
    help: 'From when to when, with the time zone; or that it still goes on.',
    kinds: ['first', 'final'],
    requiredFor: ['first', 'final'],
  },
  {
    key: 'detectedAt',
    label: 'When we noticed',
    help: 'The moment from which we knew, with the time zone.',
    kinds: ['first', 'final'],
    requiredFor: ['first', 'final'],
  },
  {
    key: 'rootCause',
    label: 'How it could happen',
    help: 'The root cause in words that the customer’s own auditors can follow.',
    kinds: ['final'],
    requiredFor: ['final'],
  },
  {
    key: 'dataCategories',
    label: 'Which data are concerned',
    help: 'Categories of personal and business data (art. 33(3)(a)).',
    kinds: ['first', 'update', 'final'],
    requiredFor: ['first', 'final'],
  },
  {
    key: 'peopleAndRecords',
    label: 'How many people and records',
    help: 'Approximate numbers of people and of records (art. 33(3)(a)); if not known yet, say so and until when you will know.',
    kinds: ['first', 'update', 'final'],
    requiredFor: ['first', 'final'],
  },
  {
    key: 'likelyConsequences',
    label: 'What this may lead to',
    help: 'Likely consequences for the customer and the people concerned (art. 33(3)(c)).',
    kinds: ['first', 'update', 'final'],
    requiredFor: ['first', 'final'],
  },
  {
    key: 'measuresTaken',
    label: 'What we have done',
    help: 'Measures taken and proposed (art. 33(3)(d)).',
    kinds: ['first', 'update', 'final'],
    requiredFor: ['first', 'final'],
  },
  {
    key: 'recommendedSteps',
    label: 'What we ask you to do',
    help: 'Concrete steps for the customer; “nothing” is an answer too.',
    kinds: ['first', 'update', 'final'],
    requiredFor: ['first'],
  },
  {
    key: 'nextUpdate',
    label: 'When you hear from us again',
    help: 'A time with its zone, at the latest.',
    kinds: ['first', 'update'],
    requiredFor: ['first', 'update'],
  },
  {
    key: 'contact',
    label: 'Whom to ask',
    help: 'A person or team, with address and telephone number (art. 33(3)(b)).',
    kinds: ALL,
    requiredFor: ALL,
  },
];

/** A fact of this length is an essay; the mail stays readable. */
export const MAX_FACT_CHARACTERS = 5_000;

export const fieldsOf = (kind: NoticeKind): readonly FactField[] =>
  FACT_FIELDS.filter((field) => field.kinds.includes(kind));

/** Labels of what must still be filled in before anybody may approve. */
export function missingFacts(kind: NoticeKind, facts: NoticeFacts): readonly string[] {
  return fieldsOf(kind)
    .filter((field) => field.requiredFor.includes(kind) && (facts[field.key] ?? '').trim() === '')
    .map((field) => field.label);
}

/** Only what this kind of notice shows, trimmed; anything else that was sent along is dropped. */
export function cleanFacts(kind: NoticeKind, facts: NoticeFacts): NoticeFacts {
  return Object.fromEntries(
    fieldsOf(kind)
      .map((field) => [field.key, (facts[field.key] ?? '').replace(/\r\n?/g, '\n').trim()] as const)
      .filter(([, text]) => text !== ''),
  );
}
