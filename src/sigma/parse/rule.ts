import { type PlaceholderSource } from '../modifiers/draft.js';
import { type Logsource, type Placeholders, type SilowatchAttributes } from '../model.js';
import { hashOf } from '../hash.js';
import { readAttributes } from './attributes.js';
import { type Extension, readExtension } from './extension.js';
import { type DetectionText, readDetection } from './detection.js';
import { type HeaderText, readHeader, readLogsource } from './header.js';
import { type MapNode, plainOf, valueOf } from './node.js';
import { type Report } from './report.js';

/** What every document has, whatever its kind. */
export interface DocumentText {
  readonly at: number;
  readonly header: HeaderText;
  readonly attributes: SilowatchAttributes;
  readonly extension: Extension | undefined;
  readonly report: Report;
}

export interface RuleText extends DocumentText {
  readonly kind: 'rule';
  readonly logsource: Logsource;
  readonly detection: DetectionText;
  /** All that decides what it finds, as JSON for the hash. */
  readonly substance: string;
}

/** The id as written, or one that stays the same as long as title and name do. */
export function idOf(text: Pick<DocumentText, 'header'>): string {
  return text.header.id ?? hashOf([text.header.title, text.header.name ?? null]).slice(0, 32);
}

/** Reads a detection rule; undefined when it has a fault. */
export function readRule(document: MapNode, placeholders: Placeholders, report: Report): RuleText | undefined {
  const header = readHeader(document, report);
  const attributes = readAttributes(document, report);
  const extension = readExtension(document, report);
  const logsource = readLogsource(document, report);
  const node = valueOf(document, 'detection');
  if (node?.kind !== 'map') {
    report.fault('DETECTION_MISSING', node?.at ?? document.at, '`detection` is a map of selections and a condition');
    return undefined;
  }
  const used = new Map<string, readonly string[]>();
  const detection = readDetection(node, ['condition'], placeholderSource(placeholders, used), report);
  if (detection === undefined || logsource === undefined || report.faults.length > 0) return undefined;
  const own = valueOf(document, 'silowatch');
  const substance = JSON.stringify([logsource, plainOf(node), [...used], own === undefined ? null : plainOf(own)]);
  return { kind: 'rule', at: document.at, header, attributes, extension, report, logsource, detection, substance };
}

/** Looks placeholders up and keeps in `used` what was found, which is part of what the rule says. */
export function placeholderSource(placeholders: Placeholders, used: Map<string, readonly string[]>): PlaceholderSource {
  return (name) => {
    const values = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
    if (values !== undefined) used.set(name, values);
    return values;
  };
}
