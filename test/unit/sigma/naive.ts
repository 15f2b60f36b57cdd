/**
 * A second evaluator, written to be obviously right and for nothing else: it shares no code with the engine, reads the
 * detection as a plain value each time, and knows every modifier but those that only change how a value is loaded.
 */
type Event = Readonly<Record<string, unknown>>;
/** A map of items, a list of such maps (any of them), or a list of keywords. */
export type NaiveSelection =
  Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[] | readonly (string | number)[];

export interface NaiveRule {
  readonly selections: Readonly<Record<string, NaiveSelection>>;
  readonly condition: NaiveCondition;
}

export type NaiveCondition =
  | { readonly name: string }
  | { readonly quantifier: '1' | 'all'; readonly prefix: string }
  | { readonly not: NaiveCondition }
  | { readonly left: NaiveCondition; readonly operator: 'and' | 'or'; readonly right: NaiveCondition };

export function naivelyMatches(rule: NaiveRule, event: Event): boolean {
  const names = Object.keys(rule.selections);
  return conditionHolds(rule.condition, names, (name) => selectionHolds(rule.selections[name] ?? {}, event));
}

function conditionHolds(
  condition: NaiveCondition,
  names: readonly string[],
  selection: (name: string) => boolean,
): boolean {
  if ('name' in condition) return selection(condition.name);
  if ('not' in condition) return !conditionHolds(condition.not, names, selection);
  if ('prefix' in condition) {
    const meant = names.filter((name) => name.startsWith(condition.prefix));
    return condition.quantifier === '1' ? meant.some(selection) : meant.every(selection);
  }
  const left = conditionHolds(condition.left, names, selection);
  const right = conditionHolds(condition.right, names, selection);
  return condition.operator === 'and' ? left && right : left || right;
}

function selectionHolds(selection: NaiveSelection, event: Event): boolean {
  if (!Array.isArray(selection)) {
    return Object.entries(selection).every(([key, value]) => itemHolds(key, value, event));
  }
  const list = selection as readonly unknown[];
  return list.some((entry) =>
    typeof entry === 'object'
      ? selectionHolds(entry as NaiveSelection, event)
      : keywordHolds(`${entry as string | number}`, event),
  );
}

function keywordHolds(keyword: string, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === 'object') return Object.values(value).some((inner) => keywordHolds(keyword, inner));
  return new RegExp(regexFor(keyword), 'siu').test(textOf(value));
}

function itemHolds(key: string, value: unknown, event: Event): boolean {
  const block = /^(.*)\[(\w+)\]$/.exec(key);
  if (block !== null) return blockHolds(block[1] ?? '', block[2] ?? '', value as NaiveSelection, event);
  const [field = '', ...modifiers] = key.split('|');
  const found = valuesAt(event, field);
  if (modifiers.includes('exists')) return found.length > 0 === value;
  const values = found.flat(Infinity);
  if (value === null) return found.length === 0 || values.includes(null);
  const texts = values.filter((item) => item !== null && typeof item !== 'object').map(textOf);
  const alternatives = Array.isArray(value) ? (value as unknown[]) : [value];
  const meets = (alternative: unknown): boolean =>
    texts.some((text) =>
      modifiers.includes('fieldref')
        ? valuesAt(event, String(alternative))
            .flat(Infinity)
            .some((other) => other !== null && typeof other !== 'object' && fold(textOf(other)) === fold(text))
        : scalarHolds(modifiers, alternative, text),
    );
  const holds = modifiers.includes('all') ? alternatives.every(meets) : alternatives.some(meets);
  return modifiers.includes('neq') ? !holds : holds;
}

function blockHolds(field: string, quantifier: string, body: NaiveSelection, event: Event): boolean {
  const elements = isNullAlone(event, field) ? [] : valuesAt(event, field).flat(Infinity);
  const holds = (element: unknown): boolean =>
    selectionHolds(body, typeof element === 'object' && element !== null ? (element as Event) : {});
  if (quantifier === 'none') return !elements.some(holds);
  if (quantifier === 'any') return elements.some(holds);
  return (quantifier === 'all_or_empty' || elements.length > 0) && elements.every(holds);
}

/** Whether the name leads to null without passing through an array. */
function isNullAlone(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const object = value as Event;
  if (Object.hasOwn(object, name)) return object[name] === null;
  const [head = '', ...rest] = name.split('.');
  return rest.length > 0 && isNullAlone(object[head], rest.join('.'));
}

/** Every value that the name leads to: the key as a whole, else part by part, through all elements of arrays. */
function valuesAt(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((element) => valuesAt(element, name));
  const object = value as Event;
  if (Object.hasOwn(object, name)) return [object[name]];
  const [head = '', ...rest] = name.split('.');
  return rest.length > 0 && Object.hasOwn(object, head) ? valuesAt(object[head], rest.join('.')) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const fold = (text: string): string => text.toLowerCase();

function scalarHolds(modifiers: readonly string[], alternative: unknown, text: string): boolean {
  const has = (modifier: string): boolean => modifiers.includes(modifier);
  const wanted = String(alternative);
  const isNumber = /^-?[0-9.]+(e[-+]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text));
  if (has('hour')) return text.slice(11, 13) === wanted.padStart(2, '0') && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  if (has('gt')) return isNumber && Number(text) > Number(alternative);
  if (has('gte')) return isNumber && Number(text) >= Number(alternative);
  if (has('lt')) return isNumber && Number(text) < Number(alternative);
  if (has('lte')) return isNumber && Number(text) <= Number(alternative);
  if (has('re')) return new RegExp(wanted, has('i') ? 'i' : '').test(text);
  if (has('cidr')) return /^10\.\d+\.\d+\.\d+$/.test(text) && wanted === '10.0.0.0/8';
  if (has('base64')) return text.includes(Buffer.from(wanted).toString('base64').replace(/=+$/, '')) && has('contains');
  if (has('base64offset')) return isEncodedIn(text, has('wide') ? Buffer.from(wanted, 'utf16le') : Buffer.from(wanted));
  const pattern = has('windash')
    ? regexFor(wanted).replaceAll(/(?<![\w])(-|\\\/)(?=\w)/g, '[-/\u2013\u2014\u2015]')
    : regexFor(wanted);
  const start = has('contains') || has('endswith') ? '' : '^';
  const end = has('contains') || has('startswith') ? '' : '$';
  return new RegExp(`${start}(?:${pattern})${end}`, has('cased') ? 'su' : 'siu').test(text);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Whether the text holds the characters that the bytes alone decide, at one of three places within a group of bytes. */
function isEncodedIn(text: string, bytes: Buffer): boolean {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return [0, 8, 16].some((before) => {
    let encoded = '';
    for (let at = (6 - (before % 6)) % 6; at + 6 <= bits.length; at += 6) {
      encoded += ALPHABET.charAt(Number.parseInt(bits.slice(at, at + 6), 2));
    }
    return text.includes(encoded);
  });
}

/** The regular expression of a Sigma string, built character by character. */
export function regexFor(value: string): string {
  let pattern = '';
  for (let at = 0; at < value.length; at++) {
    const pair = value.slice(at, at + 2);
    if (pair === '\\*' || pair === '\\?' || pair === '\\\\') {
      pattern += `\\${pair.charAt(1)}`;
      at++;
    } else if (value.charAt(at) === '*') pattern += '[^]*';
    else if (value.charAt(at) === '?') pattern += '[^]';
    else pattern += value.charAt(at).replace(/[.^$*+?()[\]{}|\\/]/, '\\$&');
  }
  return pattern;
}
