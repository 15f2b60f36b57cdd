import { type RegexFlags } from '../regex/flags.js';
import { isNetwork } from './cidr.js';
import { type Change, type Changed, type Draft, type Refusal, type TextDraft } from './draft.js';
import { base64Offsets, utf16be, utf16le } from './encode.js';
import { expandPlaceholders } from './expand.js';
import { ANY, DASH, literalOf, type Tokens } from './sigma-string.js';
import { type Operator, type TimePart } from './value-test.js';
import { expandDashes, windash } from './windash.js';

const wrong = (message: string): Refusal => ({ kind: 'refusal', code: 'MODIFIER_VALUE', message });

function onText(change: (draft: TextDraft) => Changed): Change {
  return (draft) => (draft.kind === 'text' ? change(draft) : wrong('needs a text value'));
}

/** `contains`, `startswith`, `endswith`: wildcards around a text, the matching shape of a regex or a field comparison. */
function placing(shape: 'contains' | 'startswith' | 'endswith'): Change {
  const isOpenBefore = shape !== 'startswith';
  const isOpenAfter = shape !== 'endswith';
  return (draft) => {
    if (draft.kind === 'text') return around(draft, isOpenBefore, isOpenAfter);
    if (draft.kind === 'bytes') return around(textOfBytes(draft.bytes), isOpenBefore, isOpenAfter);
    if (draft.kind === 'field') return { ...draft, shape };
    if (draft.kind === 'regex') {
      const group = `(?:${draft.source})`;
      const source = shape === 'contains' ? draft.source : shape === 'startswith' ? `^${group}` : `${group}$`;
      return { ...draft, source };
    }
    return wrong('needs a text value');
  };
}

const NOTHING: Tokens = [];
const STAR: Tokens = [ANY];

/** The text with a `*` before and after it, as asked, where none stands yet. */
function around(draft: TextDraft, isOpenBefore: boolean, isOpenAfter: boolean): TextDraft {
  const { raw, tokens, cased } = draft;
  const isPutBefore = isOpenBefore && tokens[0] !== ANY;
  const isPutAfter = isOpenAfter && tokens.at(-1) !== ANY && (tokens.length > 0 || !isPutBefore);
  if (!isPutBefore && !isPutAfter) return draft;
  const start = isPutBefore ? STAR : NOTHING;
  return { kind: 'text', raw, tokens: start.concat(tokens, isPutAfter ? STAR : NOTHING), cased };
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

/** Encoded bytes that no base64 follows are compared as they lie in the log, one character a byte. */
export function textOfBytes(bytes: Buffer): TextDraft {
  const raw = latin1(bytes);
  return { kind: 'text', raw, tokens: raw === '' ? [] : [raw], cased: true };
}

/** Encodings take literal bytes; `windash` before them is spelled out, wildcards cannot be encoded. */
function encoding(encode: (bytes: Buffer, text: string | undefined) => readonly Draft[]): Change {
  return (draft) => {
    if (draft.kind === 'bytes') return encode(draft.bytes, undefined);
    if (draft.kind !== 'text') return wrong('needs a text value');
    const drafts: Draft[] = [];
    for (const tokens of draft.tokens.includes(DASH) ? expandDashes(draft.tokens) : [draft.tokens]) {
      const literal = literalOf(tokens);
      if (literal === undefined) return wrong('cannot encode a value with wildcards (escape them: \\* and \\?)');
      drafts.push(...encode(Buffer.from(literal, 'utf8'), literal));
    }
    return drafts;
  };
}

const literalText = (text: string): Draft => ({
  kind: 'text',
  raw: text,
  tokens: text === '' ? [] : [text],
  cased: true,
});

function widening(encode: (text: string) => Buffer): Change {
  return encoding((bytes, text) => [{ kind: 'bytes', bytes: encode(text ?? latin1(bytes)) }]);
}

function regexFlag(flag: keyof RegexFlags): Change {
  return (draft) =>
    draft.kind === 'regex'
      ? { ...draft, flags: { ...draft.flags, [flag]: true } }
      : { kind: 'refusal', code: 'MODIFIER_ORDER', message: 'has a meaning only after `re`' };
}

function comparing(operator: Operator): (draft: Draft) => Draft | Refusal {
  return (draft) => {
    if (draft.kind === 'compare') return { ...draft, operator };
    const value = draft.kind === 'text' && draft.raw.trim() !== '' ? Number(draft.raw) : Number.NaN;
    return Number.isFinite(value) ? { kind: 'compare', operator, value } : wrong('needs a number');
  };
}

function timePart(part: TimePart): Change {
  const equals = comparing('eq');
  return (draft) => {
    const compared = draft.kind === 'compare' ? draft : equals(draft);
    return compared.kind === 'compare' ? { ...compared, part } : compared;
  };
}

function casing(draft: Draft): Changed {
  return draft.kind === 'text' || draft.kind === 'field' ? { ...draft, cased: true } : draft;
}

const noFlags: RegexFlags = { ignoreCase: false, multiline: false, dotAll: false };
const re = onText(({ raw }) => ({ kind: 'regex', source: raw, flags: noFlags }));

const exists = onText(({ raw }) =>
  raw === 'true' || raw === 'false' ? { kind: 'exists', expected: raw === 'true' } : wrong('needs true or false'),
);

const cidr = onText(({ raw }) =>
  isNetwork(raw) ? { kind: 'cidr', network: raw } : wrong(`'${raw}' is no IPv4 or IPv6 network without host bits`),
);

const fieldref = onText(({ raw, cased }) => ({ kind: 'field', other: raw, shape: 'whole', cased }));

const dashes = onText((draft) => ({ ...draft, tokens: windash(draft.tokens) }));

const expand: Change = (draft, placeholders) => {
  if (draft.kind !== 'text') return wrong('needs a text value');
  const expanded = expandPlaceholders(draft.raw, placeholders);
  if ('kind' in expanded) return expanded;
  return expanded.map((tokens: Tokens) => ({ ...draft, tokens, raw: literalOf(tokens) ?? draft.raw }));
};

/** What each modifier does to a value; `all` and `neq` speak of the whole item and are not here. */
export const CHANGES: ReadonlyMap<string, Change> = new Map([
  ['contains', placing('contains')],
  ['startswith', placing('startswith')],
  ['endswith', placing('endswith')],
  ['cased', casing],
  ['exists', exists],
  ['re', re],
  ['i', regexFlag('ignoreCase')],
  ['ignorecase', regexFlag('ignoreCase')],
  ['m', regexFlag('multiline')],
  ['multiline', regexFlag('multiline')],
  ['s', regexFlag('dotAll')],
  ['dotall', regexFlag('dotAll')],
  ['base64', encoding((bytes) => [literalText(bytes.toString('base64'))])],
  ['base64offset', encoding((bytes) => base64Offsets(bytes).map(literalText))],
  ['wide', widening(utf16le)],
  ['utf16le', widening(utf16le)],
  ['utf16be', widening(utf16be)],
  ['utf16', widening((text) => utf16le(text, true))],
  ['windash', dashes],
  ['lt', comparing('lt')],
  ['lte', comparing('lte')],
  ['gt', comparing('gt')],
  ['gte', comparing('gte')],
  ['minute', timePart('minute')],
  ['hour', timePart('hour')],
  ['day', timePart('day')],
  ['week', timePart('week')],
  ['month', timePart('month')],
  ['year', timePart('year')],
  ['cidr', cidr],
  ['fieldref', fieldref],
  ['expand', expand],
] satisfies [string, Change][]);
