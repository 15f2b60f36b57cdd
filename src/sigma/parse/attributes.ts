import { type Incident, type SilowatchAttributes } from '../model.js';
import { type MapNode, valueOf } from './node.js';
import { type Report } from './report.js';
import { textOf, textsOf, timespanOf, warnOfUnknownKeys } from './scalars.js';

const KNOWN = [
  'incident',
  'promise',
  'respond',
  'scope',
  'suppress',
  'within',
  'new_terms',
  'absence',
  'impossible_travel',
  'rate_change',
];

const DEFAULT_GROUPING_MS = 60 * 60 * 1000;

/** Reads the custom attribute `silowatch:`, which keeps what Sigma lacks inside valid Sigma. */
export function readAttributes(document: MapNode, report: Report): SilowatchAttributes {
  const node = valueOf(document, 'silowatch');
  if (node === undefined) return { promise: [], scope: 'silo' };
  if (node.kind !== 'map') {
    report.fault('SILOWATCH_TYPE', node.at, '`silowatch` is a map');
    return { promise: [], scope: 'silo' };
  }
  warnOfUnknownKeys(node, KNOWN, '`silowatch`', report);
  const respond = textOf(node, 'respond', report);
  const suppressMs = timespanOf(node, 'suppress', report);
  const incident = readIncident(node, report);
  const within = readWithin(node, document, report);
  return {
    promise: textsOf(node, 'promise', report),
    scope: readScope(node, report),
    ...(incident === undefined ? {} : { incident }),
    ...(respond === undefined ? {} : { respond }),
    ...(suppressMs === undefined ? {} : { suppressMs }),
    ...(within === undefined ? {} : { within }),
  };
}

function readScope(map: MapNode, report: Report): 'silo' | 'fleet' {
  const scope = textOf(map, 'scope', report) ?? 'silo';
  if (scope === 'silo' || scope === 'fleet') return scope;
  report.fault('SILOWATCH_SCOPE', valueOf(map, 'scope')?.at ?? map.at, "`scope` is 'silo' or 'fleet'");
  return 'silo';
}

function readWithin(map: MapNode, document: MapNode, report: Report): 'event' | undefined {
  const within = textOf(map, 'within', report);
  if (within === undefined) return undefined;
  const correlation = valueOf(document, 'correlation');
  const isTemporal = correlation?.kind === 'map' && textOf(correlation, 'type', report) === 'temporal';
  if (within === 'event' && isTemporal) return within;
  report.fault(
    'SILOWATCH_WITHIN',
    valueOf(map, 'within')?.at ?? map.at,
    "`within` is 'event', in a correlation of type temporal",
  );
  return undefined;
}

function readIncident(map: MapNode, report: Report): Incident | undefined {
  const node = valueOf(map, 'incident');
  if (node === undefined) return undefined;
  if (node.kind !== 'map') {
    report.fault('SILOWATCH_TYPE', node.at, '`incident` is a map');
    return undefined;
  }
  warnOfUnknownKeys(node, ['entities', 'grouping', 'playbook', 'containment'], '`incident`', report);
  const playbook = textOf(node, 'playbook', report);
  const containment = textsOf(node, 'containment', report);
  return {
    entities: textsOf(node, 'entities', report),
    groupingMs: timespanOf(node, 'grouping', report) ?? DEFAULT_GROUPING_MS,
    ...(playbook === undefined ? {} : { playbook }),
    ...(containment.length === 0 ? {} : { containment }),
  };
}
