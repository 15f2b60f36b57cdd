import { type Fields } from '../compile/fields.js';
import { KEYWORD_SLOT } from '../compile/guard.js';
import { MAX_EVENT_DEPTH } from '../compile/limits.js';
import { type CompiledRule } from '../compile/rule.js';
import { scalarText } from '../compile/scalar-text.js';
import { Candidates } from './candidates.js';
import { emptyPathNode, type PathNode, plant } from './path-tree.js';
import { type IndexedTerm, SlotIndex } from './slot-index.js';

/** The rules for one kind of event, and the index that names the few of them that an event could match. */
export class Route {
  readonly candidates: Candidates;
  readonly root: PathNode = emptyPathNode();
  readonly keywords: SlotIndex | undefined;
  readonly #unguarded: readonly number[];

  constructor(
    readonly rules: readonly CompiledRule[],
    fields: Fields,
  ) {
    this.candidates = new Candidates(rules.length);
    this.#unguarded = rules.flatMap((rule, ordinal) => (rule.guard === undefined ? [ordinal] : []));
    const bySlot = new Map<number, IndexedTerm[]>();
    for (const [ordinal, { guard }] of rules.entries()) {
      for (const term of guard?.terms ?? []) {
        const terms = bySlot.get(term.slot);
        if (terms === undefined) bySlot.set(term.slot, [{ term, rule: ordinal }]);
        else terms.push({ term, rule: ordinal });
      }
    }
    for (const slot of new Set(rules.flatMap(({ slots }) => slots))) {
      const path = fields.paths[slot];
      const terms = bySlot.get(slot);
      if (path !== undefined) plant(this.root, path, slot, terms === undefined ? undefined : new SlotIndex(terms));
    }
    const keywords = bySlot.get(KEYWORD_SLOT);
    this.keywords = keywords === undefined ? undefined : new SlotIndex(keywords);
  }

  /** Begins a new event: no candidates but the rules that nothing guards. */
  begin(): Candidates {
    this.candidates.reset();
    for (const rule of this.#unguarded) this.candidates.add(rule);
    return this.candidates;
  }

  /** Ordinals of the rules worth trying, in ascending order; good until the next call. */
  candidatesOf(fields: Readonly<Record<string, unknown>>): Candidates {
    const candidates = this.begin();
    this.#walk(fields, this.root, 0);
    candidates.sort();
    return candidates;
  }

  #walk(fields: object, node: PathNode | undefined, depth: number): void {
    const children = node?.children;
    for (const key in fields) {
      const child = children?.get(key);
      if (child !== undefined || this.keywords !== undefined) {
        this.#visit((fields as Readonly<Record<string, unknown>>)[key], child, depth);
      }
    }
  }

  #visit(value: unknown, node: PathNode | undefined, depth: number): void {
    if (value === undefined) return;
    node?.index?.meet(this.candidates);
    if (typeof value === 'string') this.#scan(value, node);
    else if (typeof value === 'object') {
      if (value === null || depth > MAX_EVENT_DEPTH) return;
      if (Array.isArray(value)) for (const item of value) this.#visit(item, node, depth + 1);
      else this.#walk(value, node, depth + 1);
    } else if (node?.index !== undefined || this.keywords !== undefined) {
      const text = scalarText(value);
      if (text !== undefined) this.#scan(text, node);
    }
  }

  #scan(text: string, node: PathNode | undefined): void {
    node?.index?.scan(text, this.candidates);
    this.keywords?.scan(text, this.candidates);
  }
}
