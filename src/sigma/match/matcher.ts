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
} from '../model.js';
import { JsonTokens } from './json-tokens.js';
import { agrees, logsourceIn, logsourceOfFields, type LogsourceText } from './logsource.js';
import { ObjectView } from './object-view.js';
import { type Route } from './route.js';
import { Router } from './router.js';
import { TokenView } from './token-view.js';

const NO_RULES: readonly Rule[] = Object.freeze([]);

/** Matches events, parsed or as bytes, against compiled rules. */
export class RuleMatcher implements Matcher {
  readonly #router: Router;
  readonly #objectView: ObjectView;
  readonly #tokens = new JsonTokens();
  readonly #tokenView: TokenView;

  constructor(
    private readonly rules: readonly CompiledRule[],
    private readonly fields: Fields,
    ignoreLogsource: boolean,
  ) {
    this.#router = new Router(rules, fields, ignoreLogsource);
    this.#objectView = new ObjectView(fields);
    this.#tokenView = new TokenView(fields, this.#tokens);
  }

  get cutValues(): number {
    return this.fields.cuts.count;
  }

  match(event: MatchEvent): readonly Rule[] {
    const route = this.#router.routeOf(event.logsource);
    const { count } = route.candidatesOf(event.fields);
    if (count === 0) return NO_RULES;
    this.#objectView.show(event.fields);
    return this.#tried(route, this.#objectView, event.logsource);
  }

  matchJson(bytes: Buffer, start: number, end: number, logsource?: Logsource): readonly Rule[] | undefined {
    if (!this.#tokens.read(bytes, start, end)) return this.#matchParsed(bytes.toString('utf8', start, end), logsource);
    const isNeeded = logsource === undefined && !this.#router.ignoreLogsource;
    const source: LogsourceText = isNeeded ? logsourceIn(this.#tokens, bytes) : logsource;
    const route = this.#router.routeOfText(source);
    const candidates = route.begin();
    this.#tokenView.show(route, bytes, start, end);
    if (candidates.count === 0) return NO_RULES;
    candidates.sort();
    return this.#tried(route, this.#tokenView, source);
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
  #tried(route: Route, view: EventView, logsource: LogsourceText | undefined): readonly Rule[] {
    const { candidates } = route;
    let matched: Rule[] | undefined;
    for (let at = 0; at < candidates.count; at++) {
      const compiled = route.rules[candidates.rules[at] ?? 0];
      if (compiled?.test(view) !== true || !this.#router.admits(route, compiled.rule, logsource)) continue;
      matched ??= [];
      matched.push(compiled.rule);
    }
    return matched ?? NO_RULES;
  }
}
