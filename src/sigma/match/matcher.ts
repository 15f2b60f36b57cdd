import { type Fields } from '../compile/fields.js';
import { type CompiledRule } from '../compile/rule.js';
import { type Explanation, type Logsource, type MatchEvent, type Matcher, type Rule } from '../model.js';
import { ObjectView } from './object-view.js';
import { Route } from './route.js';

const NO_RULES: readonly Rule[] = Object.freeze([]);

/** Indexes are built per kind of log when its first event comes; from this many on, kinds share the index of all. */
const MAX_ROUTES = 256;

/** Matches parsed events against compiled rules. */
export class RuleMatcher implements Matcher {
  readonly #view: ObjectView;
  readonly #routes = new Map<string, Route>();
  readonly #known: Readonly<Record<keyof Logsource, ReadonlySet<string>>>;
  #all: Route | undefined;

  constructor(
    private readonly rules: readonly CompiledRule[],
    private readonly fields: Fields,
    private readonly ignoreLogsource: boolean,
  ) {
    this.#view = new ObjectView(fields);
    const named = (part: keyof Logsource): ReadonlySet<string> =>
      new Set(rules.flatMap(({ rule }) => rule.logsource[part] ?? []));
    this.#known = { category: named('category'), product: named('product'), service: named('service') };
  }

  match(event: MatchEvent): readonly Rule[] {
    const route = this.ignoreLogsource ? this.#routeOfAll() : this.#routeOf(event.logsource ?? NO_LOGSOURCE);
    const candidates = route.candidatesOf(event.fields);
    if (candidates.count === 0) return NO_RULES;
    this.#view.show(event.fields);
    let matched: Rule[] | undefined;
    for (let at = 0; at < candidates.count; at++) {
      const compiled = route.rules[candidates.rules[at] ?? 0];
      if (compiled?.test(this.#view) !== true) continue;
      if (route === this.#all && !this.ignoreLogsource && !agrees(compiled.rule.logsource, event.logsource)) continue;
      matched ??= [];
      matched.push(compiled.rule);
    }
    return matched ?? NO_RULES;
  }

  explain(rule: Rule, event: MatchEvent): Explanation {
    const compiled = this.rules.find((candidate) => candidate.rule.id === rule.id);
    const view = new ObjectView(this.fields);
    view.show(event.fields);
    return compiled?.explain(view) ?? { selections: [] };
  }

  #routeOfAll(): Route {
    return (this.#all ??= new Route(this.rules, this.fields));
  }

  /** Values that no rule names make no kind of their own, so that a log cannot make routes without end. */
  #routeOf(logsource: Logsource): Route {
    const category = this.#knownPart('category', logsource);
    const product = this.#knownPart('product', logsource);
    const service = this.#knownPart('service', logsource);
    const key = `${category}\n${product}\n${service}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    if (this.#routes.size >= MAX_ROUTES) return this.#routeOfAll();
    const applicable = this.rules.filter(({ rule }) => agrees(rule.logsource, { category, product, service }));
    const route = new Route(applicable, this.fields);
    this.#routes.set(key, route);
    return route;
  }

  #knownPart(part: keyof Logsource, logsource: Logsource): string {
    const value = logsource[part];
    if (value === undefined) return '';
    if (this.#known[part].has(value)) return value;
    const lower = value.toLowerCase();
    return this.#known[part].has(lower) ? lower : '';
  }
}

const NO_LOGSOURCE: Logsource = {};

/** Every part that the rule names is the event's; a part that the rule leaves out is any (Sigma spec 2.1). */
function agrees(rule: Logsource, event: Logsource | undefined): boolean {
  return (
    (rule.category === undefined || rule.category === event?.category?.toLowerCase()) &&
    (rule.product === undefined || rule.product === event?.product?.toLowerCase()) &&
    (rule.service === undefined || rule.service === event?.service?.toLowerCase())
  );
}
