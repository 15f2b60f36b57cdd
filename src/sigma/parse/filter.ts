import { type Logsource, type Placeholders } from '../model.js';
import { type DetectionText, readDetection } from './detection.js';
import { readHeader, readLogsource } from './header.js';
import { type MapNode, plainOf, valueOf } from './node.js';
import { type Report } from './report.js';
import { type DocumentText, placeholderSource } from './rule.js';
import { textsIn } from './scalars.js';

/** A condition that is laid over rules: they match when theirs and this one do (Sigma spec 2.1, Filters). */
export interface FilterText extends Omit<DocumentText, 'attributes' | 'extension'> {
  readonly kind: 'filter';
  readonly logsource: Logsource;
  /** Ids and names of the rules it applies to; undefined means every rule of its log source. */
  readonly rules: readonly string[] | undefined;
  readonly detection: DetectionText;
  readonly substance: string;
}

export function readFilter(document: MapNode, placeholders: Placeholders, report: Report): FilterText | undefined {
  const header = readHeader(document, report);
  const logsource = readLogsource(document, report);
  const node = valueOf(document, 'filter');
  if (node?.kind !== 'map') {
    report.fault('FILTER_TYPE', node?.at ?? document.at, '`filter` is a map of rules, selections and a condition');
    return undefined;
  }
  const used = new Map<string, readonly string[]>();
  const detection = readDetection(node, ['condition', 'rules'], placeholderSource(placeholders, used), report);
  const rulesNode = valueOf(node, 'rules');
  const names = rulesNode === undefined ? [] : textsIn(rulesNode, 'rules', report);
  const isForAll = names.length === 0 || (rulesNode?.kind === 'scalar' && names[0]?.toLowerCase() === 'any');
  if (detection === undefined || logsource === undefined || report.faults.length > 0) return undefined;
  const substance = JSON.stringify([plainOf(node), [...used]]);
  const rules = isForAll ? undefined : names;
  return { kind: 'filter', at: document.at, header, report, logsource, rules, detection, substance };
}

/** Whether a rule lies in the filter's log source: each part that the filter names is the same in the rule. */
export function covers(filter: Logsource, rule: Logsource): boolean {
  return (
    (filter.category === undefined || filter.category === rule.category) &&
    (filter.product === undefined || filter.product === rule.product) &&
    (filter.service === undefined || filter.service === rule.service)
  );
}
