import { type Fields } from '../compile/fields.js';
import { KEYWORD_SLOT } from '../compile/guard.js';
import { MAX_EVENT_DEPTH } from '../compile/limits.js';
import { type CompiledRule } from '../compile/rule.js';
import { scalarText } from '../compile/scalar-text.js';
import { type Stretch } from '../model.js';
import { fold } from '../modifiers/sigma-string.js';
import {
  ROUTE_BYTES,
  ROUTE_CANDIDATES,
  ROUTE_KEYWORDS,
  ROUTE_ROOT,
  ROUTE_RULES,
  ROUTE_SEEN,
  ROUTE_UNGUARDED,
} from './layout.js';
import { emptyPathNode, fileTree, type PathNode, plant } from './path-tree.js';
import { type Scan } from './scan.js';
import { fileIndex, type IndexedTerm } from './slot-index.js';

/** The rules for one kind of event, and the index that names the few of them that an event could match. */
export class Route {
  readonly address: number;
  readonly #root: PathNode = emptyPathNode();
  readonly #keywords: number;

  constructor(
    private readonly scan: Scan,
    readonly rules: readonly CompiledRule[],
    private readonly fields: Fields,
  ) {
    const bySlot = termsBySlot(rules);
    for (const slot of new Set(rules.flatMap(({ slots }) => slots))) {
      const path = fields.paths[slot];
      const terms = bySlot.get(slot);
      if (path !== undefined) plant(this.#root, path, slot, terms === undefined ? 0 : fileIndex(scan, terms));
    }
    const keywords = bySlot.get(KEYWORD_SLOT);
    this.#keywords = keywords === undefined ? 0 : fileIndex(scan, keywords);
    this.address = this.#file();
  }

  #file(): number {
    const { scan, rules } = this;
    const address = scan.allocate(ROUTE_BYTES);
    const unguarded = rules.flatMap((rule, ordinal) => (rule.guard === undefined ? [ordinal] : []));
    const parts: readonly (readonly [number, number])[] = [
      [ROUTE_ROOT, fileTree(scan, this.#root)],
      [ROUTE_KEYWORDS, this.#keywords],
      [ROUTE_UNGUARDED, scan.list(unguarded)],
      [ROUTE_SEEN, scan.allocate(rules.length * 4)],
      [ROUTE_CANDIDATES, scan.allocate(rules.length * 4)],
      [ROUTE_RULES, rules.length],
    ];
    for (const [offset, value] of parts) scan.set(address, offset, value);
    return address;
  }

  /** An index of its own for a text that several fields hold; 0 when no rule looks for anything that it could hold. */
  indexOf({ names, mayHold }: Stretch): number {
    const terms = [...termsBySlot(this.rules)].flatMap(([slot, ofSlot]) =>
      slot === KEYWORD_SLOT || names.includes(this.fields.paths[slot]?.name ?? '') ? ofSlot : [],
    );
    const possible = terms.filter(({ term }) => term.place === 'present' || mayHold(term.literal));
    return possible.length === 0 ? 0 : fileIndex(this.scan, possible);
  }

  /** Meets a parsed event; tells how many rules are worth trying. */
  meet(fields: Readonly<Record<string, unknown>>): number {
    this.scan.begin(this.address);
    this.#walk(fields, this.#root, 0);
    return this.scan.end(this.address);
  }

  #walk(fields: object, node: PathNode | undefined, depth: number): void {
    const children = node?.children;
    for (const key in fields) {
      const child = children?.get(key);
      if (child !== undefined || this.#keywords !== 0) {
        this.#visit((fields as Readonly<Record<string, unknown>>)[key], child, depth);
      }
    }
  }

  #visit(value: unknown, node: PathNode | undefined, depth: number): void {
    if (value === undefined) return;
    const index = node?.index ?? 0;
    if (index !== 0) this.scan.meet(index);
    if (typeof value === 'object') {
      if (value === null || depth > MAX_EVENT_DEPTH) return;
      if (Array.isArray(value)) for (const item of value) this.#visit(item, node, depth + 1);
      else this.#walk(value, node, depth + 1);
    } else if (index !== 0 || this.#keywords !== 0) {
      const text = scalarText(value);
      if (text !== undefined) findFolded(this.scan, text, index, this.#keywords);
    }
  }
}

/** What the rules look for, by field. */
function termsBySlot(rules: readonly CompiledRule[]): Map<number, IndexedTerm[]> {
  const bySlot = new Map<number, IndexedTerm[]>();
  for (const [ordinal, { guard }] of rules.entries()) {
    for (const term of guard?.terms ?? []) {
      const terms = bySlot.get(term.slot);
      if (terms === undefined) bySlot.set(term.slot, [{ term, rule: ordinal }]);
      else terms.push({ term, rule: ordinal });
    }
  }
  return bySlot;
}

/** Finds the literals of indexes in a text; characters whose case folds to ASCII are ASCII to them. */
export function findFolded(scan: Scan, text: string, index: number, keywords: number): void {
  if (!scan.find(text, index, keywords)) return;
  scan.find(fold(text).replaceAll('\u017f', 's'), index, keywords);
}
