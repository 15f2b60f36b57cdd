import { type Fields } from '../compile/fields.js';
import { type CompiledRule } from '../compile/rule.js';
import { type EventView } from '../compile/view.js';
import {
  type Diagnosis,
  type Explanation,
  type Logsource,
  type MatchEvent,
  type Matcher,
  type Rule,
  type Skim,
  type Stretch,
} from '../model.js';
import { agrees, logsourceOfFields } from './logsource.js';
import { ObjectView } from './object-view.js';
import { type Route } from './route.js';
import { Router } from './router.js';
import { Scan } from './scan.js';
import { MOST_DEFERRED } from './layout.js';
import { StretchSkim } from './stretch-skim.js';
import { TokenView } from './token-view.js';

const NO_RULES: readonly Rule[] = Object.freeze([]);

/** Matches events, parsed or as bytes, against compiled rules. */
export class RuleMatcher implements Matcher {
  readonly #router: Router;
  readonly #objectView: ObjectView;
  readonly #scan: Scan;
  readonly #tokenView: TokenView;

  constructor(
    private readonly rules: readonly CompiledRule[],
    private readonly fields: Fields,
    ignoreLogsource: boolean,
  ) {
    this.#scan = new Scan(fields.size);
    this.#router = new Router(this.#scan, rules, fields, ignoreLogsource);
    this.#objectView = new ObjectView(fields);
    this.#tokenView = new TokenView(fields, this.#scan);
  }

  get cutValues(): number {
    return this.fields.cuts.count;
  }

  match(event: MatchEvent): readonly Rule[] {
    const route = this.#router.routeOf(event.logsource);
    const count = route.meet(event.fields);
    if (count === 0) return NO_RULES;
    this.#objectView.show(event.fields);
    return this.#tried(route, count, this.#objectView, event.logsource);
  }

  matchJson(bytes: Buffer, start: number, end: number, logsource?: Logsource): readonly Rule[] | undefined {
    const scan = this.#scan;
    if (!scan.read(bytes, start, end)) return this.#matchParsed(bytes.toString('utf8', start, end), logsource);
    const route = logsource === undefined ? this.#router.routeOfRead() : this.#router.routeOf(logsource);
    scan.walk(route.address);
    if (scan.deferredCount > MOST_DEFERRED) return this.#matchParsed(bytes.toString('utf8', start, end), logsource);
    this.#tokenView.show();
    const count = scan.end(route.address);
    if (count === 0) return NO_RULES;
    return this.#tried(route, count, this.#tokenView, logsource ?? this.#router.sourceOfRead(route));
  }

  skim(logsource: Logsource, stretches: readonly Stretch[]): Skim {
    return new StretchSkim(this.#scan, this.#router.routeOf(logsource), stretches);
  }

  explain(rule: Rule, event: MatchEvent): Explanation {
    const compiled = this.rules.find((candidate) => candidate.rule.id === rule.id);
    const view = new ObjectView(this.fields);
    view.show(event.fields);
    return compiled?.explain(view) ?? { selections: [] };
  }

  diagnose(rule: Rule, event: MatchEvent): readonly Diagnosis[] {
    const compiled = this.rules.find((candidate) => candidate.rule.id === rule.id);
    const view = new ObjectView(this.fields);
    view.show(event.fields);
    return compiled?.diagnose(view) ?? [];
  }

  admits(rule: Rule, event: MatchEvent): boolean {
    return this.#router.ignoreLogsource || agrees(rule.logsource, event.logsource);
  }

  #matchParsed(text: string, logsource: Logsource | undefined): readonly Rule[] | undefined {
    let fields: unknown;
    try {
      fields = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
    const event = fields as Readonly<Record<string, unknown>>;
    return this.match({ fields: event, logsource: logsource ?? logsourceOfFields(event) });
  }

  /** Those of the route's candidates that match. */
  #tried(route: Route, count: number, view: EventView, logsource: Logsource | undefined): readonly Rule[] {
    let matched: Rule[] | undefined;
    for (let at = 0; at < count; at++) {
      const compiled = route.rules[this.#scan.candidateAt(route.address, at)];
      if (compiled?.test(view) !== true || !this.#router.admits(route, compiled.rule, logsource)) continue;
      matched ??= [];
      matched.push(compiled.rule);
    }
    return matched ?? NO_RULES;
  }
}
