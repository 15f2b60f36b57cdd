import { type Level, type Logsource, type Status } from '../model.js';
import { type MapNode, valueOf } from './node.js';
import { type Report } from './report.js';
import { textOf, textsOf, warnOfUnknownKeys } from './scalars.js';

/** The attributes that rules, correlations and filters share. */
export interface HeaderText {
  readonly id?: string;
  readonly name?: string;
  readonly title: string;
  readonly description?: string;
  readonly level: Level;
  readonly status: Status;
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
}

const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];
const STATUSES: readonly Status[] = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'];

export function readHeader(document: MapNode, report: Report): HeaderText {
  const id = textOf(document, 'id', report);
  const name = textOf(document, 'name', report);
  const title = textOf(document, 'title', report);
  const description = textOf(document, 'description', report);
  if (title === undefined || title === '') report.fault('TITLE_MISSING', document.at, 'a rule needs a title');
  return {
    title: title ?? '',
    level: oneOf(document, 'level', LEVELS, 'medium', report),
    status: oneOf(document, 'status', STATUSES, 'experimental', report),
    tags: textsOf(document, 'tags', report),
    falsepositives: textsOf(document, 'falsepositives', report),
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
}

function oneOf<T extends string>(map: MapNode, key: string, known: readonly T[], absent: T, report: Report): T {
  const text = textOf(map, key, report);
  if (text === undefined) return absent;
  const value = known.find((candidate) => candidate === text);
  if (value === undefined) {
    report.fault('HEADER_VALUE', valueOf(map, key)?.at ?? map.at, `'${key}: ${text}' is none of ${known.join(', ')}`);
  }
  return value ?? absent;
}

/** Reads `logsource`; compared in lower case. Undefined, with a fault, when it is missing or empty. */
export function readLogsource(document: MapNode, report: Report): Logsource | undefined {
  const node = valueOf(document, 'logsource');
  if (node?.kind !== 'map') {
    report.fault('LOGSOURCE_MISSING', node?.at ?? document.at, 'a rule needs a `logsource`, a map');
    return undefined;
  }
  warnOfUnknownKeys(node, ['category', 'product', 'service', 'definition'], '`logsource`', report);
  const category = textOf(node, 'category', report)?.toLowerCase();
  const product = textOf(node, 'product', report)?.toLowerCase();
  const service = textOf(node, 'service', report)?.toLowerCase();
  if (category === undefined && product === undefined && service === undefined) {
    report.fault('LOGSOURCE_EMPTY', node.at, '`logsource` names at least one of category, product and service');
  }
  return {
    ...(category === undefined ? {} : { category }),
    ...(product === undefined ? {} : { product }),
    ...(service === undefined ? {} : { service }),
  };
}
