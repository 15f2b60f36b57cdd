import { type Placeholders, type RuleFault, type RuleFile } from '../model.js';
import { type CorrelationText, readCorrelation } from './correlation.js';
import { resolveCollections } from './documents.js';
import { type FilterText, readFilter } from './filter.js';
import { checkMetadata } from './metadata.js';
import { type MapNode, valueOf } from './node.js';
import { Report, Source } from './report.js';
import { readRule, type RuleText } from './rule.js';
import { readYaml } from './yaml.js';

/** Everything that the files say, document by document, in order. */
export interface Texts {
  readonly rules: RuleText[];
  readonly filters: FilterText[];
  readonly correlations: CorrelationText[];
  readonly faults: RuleFault[];
  readonly warnings: RuleFault[];
}

export function readFiles(files: readonly RuleFile[], placeholders: Placeholders): Texts {
  const texts: Texts = { rules: [], filters: [], correlations: [], faults: [], warnings: [] };
  for (const file of files) readFile(file, placeholders, texts);
  return texts;
}

function readFile(file: RuleFile, placeholders: Placeholders, texts: Texts): void {
  const source = new Source(file.path, file.text);
  const whole = new Report(source);
  const documents = resolveCollections(readYaml(file.text, whole), whole);
  if (documents.length === 0 && whole.faults.length === 0) {
    whole.warn('FILE_EMPTY', 0, 'the file holds no rule');
  }
  keep(whole, texts);
  for (const document of documents) {
    const report = new Report(source);
    readDocument(document, placeholders, report, texts);
    keep(report, texts);
  }
}

function keep(report: Report, texts: Texts): void {
  texts.faults.push(...report.faults);
  texts.warnings.push(...report.warnings);
}

function readDocument(document: MapNode, placeholders: Placeholders, report: Report, texts: Texts): void {
  const kinds = (['detection', 'correlation', 'filter'] as const).filter((key) => valueOf(document, key) !== undefined);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? 'none' : kinds.join(' and ');
    report.fault(
      'DOCUMENT_KIND',
      document.at,
      `a document has one of 'detection', 'correlation' and 'filter'; this has ${found}`,
    );
    return;
  }
  checkMetadata(document, report);
  if (kinds[0] === 'detection') {
    const rule = readRule(document, placeholders, report);
    if (rule !== undefined) texts.rules.push(rule);
  } else if (kinds[0] === 'correlation') {
    const correlation = readCorrelation(document, report);
    if (correlation !== undefined) texts.correlations.push(correlation);
  } else {
    const filter = readFilter(document, placeholders, report);
    if (filter !== undefined) texts.filters.push(filter);
  }
}
