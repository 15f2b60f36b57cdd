import { type Fields } from '../compile/fields.js';
import { type CompiledRule } from '../compile/rule.js';
import { type Logsource, type Rule } from '../model.js';
import { agrees, logsourceOf } from './logsource.js';
import { Route } from './route.js';
import { type Scan } from './scan.js';

/** Indexes are built per kind of log when its first event comes; from this many on, kinds share the index of all. */
const MAX_ROUTES = 256;

/** Spellings of log sources whose route is remembered; a log may name ever new ones. */
const MAX_SPELLINGS = 1_024;

type ByPart<T> = Map<string, T>;

/** Picks the rules for an event's log source. */
export class Router {
  readonly #routes = new Map<string, Route>();
  readonly #bySpelling: ByPart<ByPart<ByPart<Route>>> = new Map();
  /** By the number under which the scan remembers the text of a log source. */
  readonly #remembered: Route[] = [];
  readonly #known: Readonly<Record<keyof Logsource, ReadonlySet<string>>>;
  #spellings = 0;
  #all: Route | undefined;

  constructor(
    private readonly scan: Scan,
    private readonly rules: readonly CompiledRule[],
    private readonly fields: Fields,
    readonly ignoreLogsource: boolean,
  ) {
    const named = (part: keyof Logsource): ReadonlySet<string> =>
      new Set(rules.flatMap(({ rule }) => rule.logsource[part] ?? []));
    this.#known = { category: named('category'), product: named('product'), service: named('service') };
  }

  routeOf(logsource: Logsource | undefined): Route {
    if (this.ignoreLogsource) return this.#routeOfAll();
    const { category = '', product = '', service = '' } = logsource ?? {};
    const known = this.#bySpelling.get(category)?.get(product)?.get(service);
    if (known !== undefined) return known;
    const route = this.#routeOfKind(category, product, service);
    if (this.#spellings < MAX_SPELLINGS) {
      this.#spellings++;
      const byProduct = innerMap(this.#bySpelling, category);
      innerMap(byProduct, product).set(service, route);
    }
    return route;
  }

  /** As `routeOf`, for the log source that the event which the scan read names itself. */
  routeOfRead(): Route {
    if (this.ignoreLogsource) return this.#routeOfAll();
    const known = this.#remembered[this.scan.rememberedRoute() - 1];
    if (known !== undefined) return known;
    const route = this.routeOf(parsed(this.scan.source() ?? ''));
    if (this.scan.rememberRoute(this.#remembered.length + 1)) this.#remembered.push(route);
    return route;
  }

  /** The log source of the event that the scan read, where `admits` has to know it for rules of the route. */
  sourceOfRead(route: Route): Logsource | undefined {
    return route === this.#all && !this.ignoreLogsource ? parsed(this.scan.source() ?? '') : undefined;
  }

  /** Whether a rule of the route is meant for the log source: the index of all holds rules of every kind. */
  admits(route: Route, rule: Rule, logsource: Logsource | undefined): boolean {
    return route !== this.#all || this.ignoreLogsource || agrees(rule.logsource, logsource);
  }

  #routeOfAll(): Route {
    return (this.#all ??= new Route(this.scan, this.rules, this.fields));
  }

  /** Values that no rule names make no kind of their own, so that a log cannot make routes without end. */
  #routeOfKind(...parts: readonly [string, string, string]): Route {
    const [category, product, service] = [
      this.#knownPart('category', parts[0]),
      this.#knownPart('product', parts[1]),
      this.#knownPart('service', parts[2]),
    ];
    const key = `${category}\n${product}\n${service}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    if (this.#routes.size >= MAX_ROUTES) return this.#routeOfAll();
    const applicable = this.rules.filter(({ rule }) => agrees(rule.logsource, { category, product, service }));
    const route = new Route(this.scan, applicable, this.fields);
    this.#routes.set(key, route);
    return route;
  }

  #knownPart(part: keyof Logsource, value: string): string {
    const lower = value.toLowerCase();
    return this.#known[part].has(lower) ? lower : '';
  }
}

function innerMap<T>(map: ByPart<ByPart<T>>, key: string): ByPart<T> {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
}

/** A log source that is JSON text; an empty text is none. */
function parsed(text: string): Logsource | undefined {
  return text === '' ? undefined : logsourceOf(JSON.parse(text));
}
