import { hashOfJson } from '../hash.js';
import { type Correlation, type PlaceLookup, type Rule, type RuleFault } from '../model.js';
import { type CorrelationText, type Reference } from '../parse/correlation.js';
import { idOf, type RuleText } from '../parse/rule.js';
import { type Consumer } from './consumer.js';
import { consumerOfCorrelation, consumerOfEvents, consumerOfRule } from './make-consumer.js';
import { windowOf } from './window.js';
import { type EventCorrelation } from './within-event.js';

export interface Linked {
  readonly ruleById: ReadonlyMap<string, Rule>;
  readonly correlations: readonly Correlation[];
  readonly consumers: ReadonlyMap<string, readonly Consumer[]>;
  readonly withinEvents: readonly EventCorrelation[];
}

interface Known {
  readonly id: string;
  readonly hash: string;
}

/** Ties correlations to what they name, also to one another, and says which rules and correlations alert alone. */
export function linkCorrelations(
  ruleTexts: readonly { readonly rule: Rule; readonly text: RuleText }[],
  texts: readonly CorrelationText[],
  placeOf: PlaceLookup | undefined,
  faults: RuleFault[],
): Linked {
  const rules = ruleTexts.map(({ rule }) => rule);
  const linker = new Linker(rules, texts, faults);
  const made = texts.flatMap((text) => linker.make(text) ?? []);
  const generating = new Map<string, boolean>();
  for (const { text, correlation } of made) {
    for (const id of correlation.rules) generating.set(id, (generating.get(id) ?? false) || text.generate);
  }
  const alertsAlone = (id: string): boolean => generating.get(id) ?? true;
  const ruleById = new Map(rules.map((rule) => [rule.id, { ...rule, alertsAlone: alertsAlone(rule.id) }]));
  const consumers = new Map<string, Consumer[]>();
  for (const { rule, text } of ruleTexts) {
    const final = ruleById.get(rule.id) ?? rule;
    consumers.set(rule.id, final.alertsAlone ? [consumerOfRule(final, text.extension, placeOf)] : []);
  }
  const correlations: Correlation[] = [];
  const withinEvents: EventCorrelation[] = [];
  const feed = (id: string, consumer: Consumer): unknown => consumers.set(id, [...(consumers.get(id) ?? []), consumer]);
  for (const { text, correlation, window, namesById } of made) {
    const final = { ...correlation, alertsAlone: alertsAlone(correlation.id) };
    correlations.push(final);
    if (window.kind === 'distinct' && final.silowatch.within === 'event') {
      withinEvents.push({ correlation: final, expression: window.expression, atLeast: window.atLeast });
      if (final.alertsAlone) feed(final.id, consumerOfEvents(final));
      continue;
    }
    const consumer = consumerOfCorrelation(final, text, window, namesById, placeOf);
    for (const id of new Set(final.rules)) feed(id, consumer);
  }
  return { ruleById, correlations, consumers, withinEvents };
}

interface Made {
  readonly text: CorrelationText;
  readonly correlation: Correlation;
  readonly window: Consumer['window'];
  readonly namesById: ReadonlyMap<string, readonly string[]>;
}

/** Correlations of correlations deeper than this are a mistake, or an attack on the stack. */
const MAX_CHAIN = 16;

class Linker {
  readonly #rules = new Map<string, Known>();
  readonly #texts = new Map<string, CorrelationText>();
  readonly #made = new Map<CorrelationText, Made | undefined>();
  readonly #underway = new Set<CorrelationText>();

  constructor(
    rules: readonly Rule[],
    texts: readonly CorrelationText[],
    private readonly faults: RuleFault[],
  ) {
    // An id wins over another rule's name.
    for (const rule of rules) if (rule.name !== undefined) this.#rules.set(rule.name, rule);
    for (const rule of rules) this.#rules.set(rule.id, rule);
    for (const text of texts) if (text.header.name !== undefined) this.#texts.set(text.header.name, text);
    for (const text of texts) this.#texts.set(idOf(text), text);
  }

  make(text: CorrelationText): Made | undefined {
    if (!this.#made.has(text)) {
      this.#underway.add(text);
      this.#made.set(text, this.#link(text));
      this.#underway.delete(text);
    }
    return this.#made.get(text);
  }

  #link(text: CorrelationText): Made | undefined {
    const known = text.references.map((reference) => this.#find(text, reference));
    if (known.includes(undefined)) return undefined;
    const correlated = text.references.find(({ name }) => !this.#rules.has(name));
    if (text.attributes.within === 'event' && correlated !== undefined) {
      const message = `'${correlated.name}' is a correlation: within an event only rules are asked for`;
      this.#fault(text, correlated.at, 'SILOWATCH_WITHIN', message);
      return undefined;
    }
    const idByName = new Map<string, string>();
    const namesById = new Map<string, string[]>();
    const hashes: string[] = [];
    for (const [index, target] of known.entries()) {
      const name = text.references[index]?.name;
      if (target === undefined || name === undefined) continue;
      idByName.set(name, target.id);
      namesById.set(target.id, [...(namesById.get(target.id) ?? []), name]);
      hashes.push(target.hash);
    }
    const ids = known.flatMap((target) => target?.id ?? []);
    const window = windowOf(text, ids, idByName);
    if (typeof window === 'string') {
      this.#fault(text, text.at, 'CORRELATION_CONDITION', window);
      return undefined;
    }
    const hash = hashOfJson([text.substance, JSON.stringify(hashes)]);
    return { text, correlation: correlationOf(text, ids, hash), window, namesById };
  }

  #find(text: CorrelationText, { name, at }: Reference): Known | undefined {
    const rule = this.#rules.get(name);
    if (rule !== undefined) return rule;
    const other = this.#texts.get(name);
    if (other === undefined) {
      this.#fault(
        text,
        at,
        'CORRELATION_UNKNOWN_RULE',
        `no rule or correlation that loaded has the id or name '${name}'`,
      );
      return undefined;
    }
    if (this.#underway.has(other)) {
      this.#fault(text, at, 'CORRELATION_CYCLE', `'${name}' leads back to this correlation`);
      return undefined;
    }
    if (!this.#made.has(other) && this.#underway.size >= MAX_CHAIN) {
      this.#fault(text, at, 'CORRELATION_DEPTH', `more than ${MAX_CHAIN} correlations hang on one another here`);
      return undefined;
    }
    const made = this.make(other);
    if (made === undefined) {
      this.#fault(text, at, 'CORRELATION_UNKNOWN_RULE', `the correlation '${name}' did not load`);
    }
    return made?.correlation;
  }

  #fault(text: CorrelationText, at: number, code: string, message: string): void {
    this.faults.push({ code, message, at: text.report.source.placeOf(at) });
  }
}

function correlationOf(text: CorrelationText, rules: readonly string[], hash: string): Correlation {
  const { header, type, groupBy, timespanMs, attributes, report } = text;
  return {
    kind: 'correlation',
    ...header,
    id: idOf(text),
    type,
    rules,
    groupBy,
    timespanMs,
    file: report.source.path,
    hash,
    alertsAlone: true,
    silowatch: attributes,
  };
}
