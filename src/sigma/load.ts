import { compileRule, type CompiledRule } from './compile/rule.js';
import { Fields } from './compile/fields.js';
import { type Consumer } from './correlation/consumer.js';
import { linkCorrelations } from './correlation/link.js';
import { type Feeders, feedersWith } from './correlation/within-event.js';
import { hashOfJson } from './hash.js';
import { RuleMatcher } from './match/matcher.js';
import { type Correlation, type LoadOptions, type Matcher, type Rule, type RuleFault, type RuleFile } from './model.js';
import { type CorrelationText } from './parse/correlation.js';
import { covers, type FilterText } from './parse/filter.js';
import { readFiles } from './parse/read.js';
import { type DocumentText, idOf, type RuleText } from './parse/rule.js';

export interface Loaded {
  readonly rules: readonly Rule[];
  readonly correlations: readonly Correlation[];
  readonly faults: readonly RuleFault[];
  readonly warnings: readonly RuleFault[];
  readonly matcher: Matcher;
  /** Of an event: its matches, and the correlations within it (`silowatch.within`) that they decide. All of these feed consumers. */
  readonly feeders: Feeders;
  /** By the id of the rule or correlation that feeds them. */
  readonly consumers: ReadonlyMap<string, readonly Consumer[]>;
}

/** A rule with the text it was made of and the filters over it. */
export interface Assembled {
  readonly text: RuleText;
  readonly filters: readonly FilterText[];
  readonly compiled: CompiledRule;
}

/** Reads, checks and compiles rules; every fault of every file is reported and the other rules load. Never throws. */
export function load(files: readonly RuleFile[], options: LoadOptions = {}): Loaded {
  return assemble(files, options).loaded;
}

/** As `load`, with the texts of what loaded. */
export function assemble(
  files: readonly RuleFile[],
  options: LoadOptions,
): {
  readonly loaded: Loaded;
  readonly rules: readonly Assembled[];
  readonly correlations: readonly CorrelationText[];
} {
  const texts = readFiles(files, options.placeholders ?? {});
  const { faults, warnings } = texts;
  const ids = new Set<string>();
  const isUsable = (text: DocumentText): boolean => isNew(text, ids, faults) && isPlaced(text, options, faults);
  const ruleTexts = texts.rules.filter(isUsable);
  const correlationTexts = texts.correlations.filter(isUsable);
  const filtered = ruleTexts.map((text) => ({ text, filters: filtersFor(text, texts.filters) }));
  warnOfIdleFilters(texts.filters, ruleTexts, warnings);
  warnOfEqualNames([...ruleTexts, ...correlationTexts], warnings);
  const rules = filtered.map(({ text, filters }) => {
    const hash = hashOfJson([text.substance, ...filters.map(({ substance }) => substance)]);
    return { text, filters, rule: ruleOf(text, hash) };
  });
  const linked = linkCorrelations(rules, correlationTexts, options.placeOf, faults);
  const fields = new Fields();
  const assembled = rules.map(({ text, filters, rule }): Assembled => {
    const parts = [text.detection, ...filters.map(({ detection }) => detection)];
    return { text, filters, compiled: compileRule(linked.ruleById.get(rule.id) ?? rule, parts, fields) };
  });
  const compiled = assembled.map((each) => each.compiled);
  const loaded = {
    rules: compiled.map(({ rule }) => rule),
    correlations: linked.correlations,
    faults,
    warnings,
    matcher: new RuleMatcher(compiled, fields, options.ignoreLogsource ?? false),
    feeders: feedersWith(linked.withinEvents),
    consumers: linked.consumers,
  };
  return { loaded, rules: assembled, correlations: correlationTexts };
}

function isNew(text: DocumentText, ids: Set<string>, faults: RuleFault[]): boolean {
  const id = idOf(text);
  if (!ids.has(id)) {
    ids.add(id);
    return true;
  }
  const message = `the id ${id} belongs to another rule, which was loaded before`;
  faults.push({ code: 'ID_DUPLICATE', message, at: text.report.source.placeOf(text.at) });
  return false;
}

function isPlaced(text: DocumentText, { placeOf }: LoadOptions, faults: RuleFault[]): boolean {
  if (text.extension?.kind !== 'impossible_travel' || placeOf !== undefined) return true;
  const message = '`impossible_travel` needs to know where addresses are, and no place lookup is set up';
  faults.push({ code: 'PLACES_MISSING', message, at: text.report.source.placeOf(text.at) });
  return false;
}

function filtersFor(text: RuleText, filters: readonly FilterText[]): readonly FilterText[] {
  return filters.filter((filter) => covers(filter.logsource, text.logsource) && names(filter, text));
}

function names(filter: FilterText, text: RuleText): boolean {
  return filter.rules === undefined || filter.rules.some((name) => isNamed(text, name));
}

function isNamed(text: RuleText, name: string): boolean {
  return idOf(text) === name || text.header.name === name;
}

/** A name is for others to refer to: of two rules with the same one the later is meant. */
function warnOfEqualNames(texts: readonly DocumentText[], warnings: RuleFault[]): void {
  const seen = new Set<string>();
  for (const text of texts) {
    const { name } = text.header;
    if (name === undefined) continue;
    const message = `the name '${name}' belongs to another rule as well: what refers to it means the one that is loaded last`;
    if (seen.has(name)) warnings.push({ code: 'NAME_DUPLICATE', message, at: text.report.source.placeOf(text.at) });
    seen.add(name);
  }
}

function warnOfIdleFilters(filters: readonly FilterText[], rules: readonly RuleText[], warnings: RuleFault[]): void {
  for (const filter of filters) {
    const named = (filter.rules ?? []).filter((name) => !rules.some((rule) => isNamed(rule, name)));
    for (const name of named) {
      const message = `the filter names '${name}', and no rule that loaded has that id or name`;
      warnings.push({ code: 'FILTER_UNKNOWN_RULE', message, at: filter.report.source.placeOf(filter.at) });
    }
    if (rules.some((rule) => filtersFor(rule, [filter]).length > 0)) continue;
    const message = 'the filter applies to no rule: none that it names lies in its log source';
    warnings.push({ code: 'FILTER_IDLE', message, at: filter.report.source.placeOf(filter.at) });
  }
}

function ruleOf(text: RuleText, hash: string): Rule {
  const { header, logsource, attributes, report } = text;
  const id = idOf(text);
  const file = report.source.path;
  return { kind: 'rule', ...header, id, logsource, file, hash, alertsAlone: true, silowatch: attributes };
}
