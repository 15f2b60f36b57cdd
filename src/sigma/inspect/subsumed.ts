import { type Level, type Logsource } from '../model.js';
import { fold, type Tokens } from '../modifiers/sigma-string.js';
import { contradictionIn, isWayWithin, type Way } from './way.js';

/** A rule as far as it can be compared with others. */
export interface Comparable {
  readonly id: string;
  readonly level: Level;
  readonly logsource: Logsource;
  /** Deprecated or unsupported: it makes no rule in use needless. */
  readonly isRetired: boolean;
  readonly ways: readonly Way[];
}

export interface Subsumption {
  readonly special: string;
  readonly general: string;
  /** Each finds what the other finds. */
  readonly isEqual: boolean;
}

const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];

/**
 * Rules all of whose events another rule finds at the same or a higher level: each is named once, with the first that does.
 * A rule that a less grave one subsumes is a refinement of it, and not named.
 */
export function subsumptionsAmong(rules: readonly Comparable[]): readonly Subsumption[] {
  const candidates = rules.map((rule) => new Candidate(rule)).filter(({ ways }) => ways.length > 0);
  const bySource = Map.groupBy(candidates, ({ rule }) => sourceKey(rule.logsource));
  const found: Subsumption[] = [];
  const equal = new Set<string>();
  for (const specials of bySource.values()) {
    const source = specials[0]?.rule.logsource ?? {};
    const generals = candidates.filter(({ rule }) => isWider(rule.logsource, source));
    for (const special of specials) {
      const over = generals.find(
        (general) => general !== special && general.isOver(special) && !equal.has(pair(general, special)),
      );
      if (over === undefined) continue;
      const isEqual = sourceKey(over.rule.logsource) === sourceKey(source) && special.isOver(over);
      if (isEqual) equal.add(pair(special, over));
      found.push({ special: special.rule.id, general: over.rule.id, isEqual });
    }
  }
  return found;
}

const pair = (special: Candidate, general: Candidate): string => `${special.rule.id} ${general.rule.id}`;

function sourceKey({ category = '', product = '', service = '' }: Logsource): string {
  return [category, product, service].join('\n');
}

class Candidate {
  readonly ways: readonly Sketched[];
  readonly #level: number;

  constructor(readonly rule: Comparable) {
    this.ways = rule.ways.filter((way) => contradictionIn(way) === undefined).map(sketched);
    this.#level = LEVELS.indexOf(rule.level);
  }

  /** Whether this rule finds in the other's log source all that the other finds, at no lower a level. */
  isOver(special: Candidate): boolean {
    if (this.#level < special.#level || (this.rule.isRetired && !special.rule.isRetired)) return false;
    return special.ways.every((narrow) =>
      this.ways.some((wide) => canBeOver(wide, narrow) && isWayWithin(narrow.way, wide.way)),
    );
  }
}

/** A way with what tells at a glance that it cannot be compared with another: most pairs end there. */
interface Sketched {
  readonly way: Way;
  readonly fields: ReadonlySet<string>;
  /** By field: the letters of all its values. */
  readonly texts: ReadonlyMap<string, string>;
  /** Stretches of which one has to be among the letters of the same field in whatever lies within this way. */
  readonly needles: readonly { readonly field: string; readonly any: readonly string[] }[];
}

function sketched(way: Way): Sketched {
  const texts = new Map<string, string>();
  const needles: { field: string; any: readonly string[] }[] = [];
  for (const held of way.held) {
    if (held.kind !== 'item' || held.field === undefined) continue;
    const { field } = held;
    const tests = held.values.flat();
    const stretches = tests.map((test) => (test.kind === 'text' ? literalsOf(test.tokens) : []));
    texts.set(field, [texts.get(field) ?? '', ...stretches.flat()].join('\n'));
    const any = stretches.map((literals) => literals.toSorted((a, b) => b.length - a.length)[0] ?? '');
    if (!any.includes('')) needles.push({ field, any });
  }
  // The one that most pairs fail comes first.
  needles.sort((a, b) => a.any.length - b.any.length);
  return { way, fields: new Set(way.held.flatMap(({ field }) => field ?? [])), texts, needles };
}

function literalsOf(tokens: Tokens): readonly string[] {
  return tokens.flatMap((token) => (typeof token === 'string' ? [fold(token)] : []));
}

function canBeOver(wide: Sketched, narrow: Sketched): boolean {
  for (const field of wide.fields) if (!narrow.fields.has(field)) return false;
  for (const { field, any } of wide.needles) {
    const text = narrow.texts.get(field) ?? '';
    if (!any.some((needle) => text.includes(needle))) return false;
  }
  return true;
}

/** Each part that the one names is the same in the other. */
function isWider(general: Logsource, special: Logsource): boolean {
  return (['category', 'product', 'service'] as const).every(
    (part) => general[part] === undefined || general[part] === special[part],
  );
}
