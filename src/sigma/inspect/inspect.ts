import { type Assembled, assemble, type Loaded } from '../load.js';
import { type LoadOptions, type RuleFault, type RuleFile } from '../model.js';
import { type DocumentText, idOf } from '../parse/rule.js';
import { type CostClass, costClassOf } from './cost.js';
import { reachOf } from './reach.js';
import { subsumptionsAmong } from './subsumed.js';
import { waysOfParts } from './way.js';

export { COST_CLASSES, type CostClass } from './cost.js';

/** What a look at the rules themselves says, beyond whether they load. */
export interface Inspection {
  readonly loaded: Loaded;
  /** Rules that cannot match, selections that change nothing, rules that others make needless, rules tried on every event. */
  readonly remarks: readonly RuleFault[];
  /** By rule id. */
  readonly costs: ReadonlyMap<string, CostClass>;
  /** Where each rule and correlation begins, by id. */
  readonly places: ReadonlyMap<string, RuleFault['at']>;
}

/**
 * Loads rules and looks into what they ask for. Fields are taken for single values: where a log has arrays, two conditions that
 * contradict each other may be met by two elements.
 */
export function inspect(files: readonly RuleFile[], options: LoadOptions = {}): Inspection {
  const { loaded, rules, correlations } = assemble(files, options);
  const remarks: RuleFault[] = [];
  for (const rule of rules) {
    for (const { code, message, at } of reachOf(rule.text.detection, partsOf(rule), rule.text.at)) {
      remarks.push({ code, message, at: placeOf(rule.text, at) });
    }
  }
  const costs = new Map(rules.map(({ compiled }) => [compiled.rule.id, costClassOf(compiled.guard)]));
  remarks.push(...needless(rules), ...dear(rules, costs));
  const places = new Map(
    [...rules.map(({ text }) => text), ...correlations].map((text) => [idOf(text), placeOf(text)]),
  );
  return { loaded, remarks, costs, places };
}

function placeOf(text: DocumentText, at = text.at): RuleFault['at'] {
  return text.report.source.placeOf(at);
}

function partsOf({ text, filters }: Assembled): readonly Assembled['text']['detection'][] {
  return [text.detection, ...filters.map(({ detection }) => detection)];
}

function needless(rules: readonly Assembled[]): readonly RuleFault[] {
  const byId = new Map(rules.map((rule) => [rule.compiled.rule.id, rule]));
  const alone = rules.filter(({ compiled, text }) => compiled.rule.alertsAlone && text.extension === undefined);
  const comparable = alone.flatMap((rule) => {
    const { id, level, logsource, status } = rule.compiled.rule;
    const isRetired = status === 'deprecated' || status === 'unsupported';
    const ways = waysOfParts(partsOf(rule));
    return ways === undefined ? [] : [{ id, level, logsource, isRetired, ways }];
  });
  return subsumptionsAmong(comparable).flatMap(({ special, general, isEqual }) => {
    const [narrow, wide] = [byId.get(special), byId.get(general)];
    if (narrow === undefined || wide === undefined) return [];
    const { title, level, file } = wide.compiled.rule;
    const other = `'${title}' (${file}, ${level})`;
    const message = isEqual ? `finds the same as ${other}` : `all that it finds is found by ${other} as well`;
    return [{ code: 'RULE_SUBSUMED', message, at: placeOf(narrow.text) }];
  });
}

function dear(rules: readonly Assembled[], costs: ReadonlyMap<string, CostClass>): readonly RuleFault[] {
  const always = rules.filter(({ compiled }) => costs.get(compiled.rule.id) === 'every event');
  const message =
    'no literal and no field has to be there for it to match: it is tried on every event of its log source';
  return always.map(({ text }) => ({ code: 'RULE_UNGUARDED', message, at: placeOf(text) }));
}
