import { writeFile } from 'node:fs/promises';
import path from 'node:path';

const id = (number: number): string => `aaaaaaaa-1111-4111-8111-${String(number).padStart(12, '0')}`;

/** The rules whose alerts open incidents; those that only feed them alert besides. */
export const RULES = {
  probe: id(1),
  many: id(3),
  chain: id(5),
  fleet: id(7),
  spread: id(10),
  both: id(12),
} as const;

/**
 * Rules whose alerts over the fault run's stream are known beforehand. With each `version` the single rules are another text and so another
 * hash: a record read again under it must give the same alert and no second one. The counting rules stay, since a changed one begins anew.
 */
export async function writeRules(folder: string, version: number): Promise<void> {
  const probe = `${head('A probe', RULES.probe, 'high', `Alerts on each single match, version ${version}.`)}
logsource: { category: webserver }
detection:
  selection: { cs-uri-stem|startswith: /fault-probe }
  other: { cs-uri-stem: /never-${version} }
  condition: selection or other
silowatch:
  suppress: 1s
  incident: { entities: [c-ip] }
`;
  await writeFile(path.join(folder, 'single.yml'), probe);
  if (version === 0) await writeFile(path.join(folder, 'counting.yml'), COUNTING.join('---\n'));
}

const head = (title: string, ruleId: string, level: string, description: string): string =>
  `title: ${title}\nid: ${ruleId}\nstatus: stable\ndescription: ${description}\nauthor: Silowatch\nlevel: ${level}`;

/** A rule that only feeds correlations. */
const feeding = (number: number, name: string, logsource: string, selection: string): string =>
  `${head(`Feeds ${name}`, id(number), 'low', 'Only feeds correlations.')}
name: ${name}
logsource: { ${logsource} }
detection:
  selection: { ${selection} }
  condition: selection
`;

interface Correlation {
  readonly title: string;
  readonly id: string;
  readonly name: string;
  readonly level: string;
  readonly type: string;
  readonly rules: string;
  readonly by: string;
  readonly more: string;
  readonly silowatch: string;
}

const correlation = (given: Correlation): string =>
  `${head(given.title, given.id, given.level, 'Counts over batches, streams or silos.')}
name: ${given.name}
correlation:
  type: ${given.type}
  rules: [${given.rules}]
  group-by: [${given.by}]
  timespan: 10m
  generate: false
${given.more}silowatch: { ${given.silowatch} }
`;

const APP = 'product: silo, service: app';
const WEB = 'category: webserver';
const threeTimes = { type: 'event_count', rules: 'fault_failed', by: 'ip', more: '  condition: { gte: 3 }\n' };
const opensByIp = 'incident: { entities: [ip] }';

const COUNTING = [
  feeding(2, 'fault_failed', APP, 'action: fault.try, outcome: failure'),
  correlation({
    ...{ title: 'Many failed', id: RULES.many, name: 'fault_many', level: 'high', ...threeTimes },
    silowatch: `suppress: 10m, ${opensByIp}`,
  }),
  correlation({
    ...{ title: 'Many failed, for the next one', id: id(8), name: 'fault_many_before', level: 'low', ...threeTimes },
    silowatch: 'suppress: 10m',
  }),
  feeding(4, 'fault_good', APP, 'action: fault.try, outcome: success'),
  correlation({
    ...{ title: 'A success after many failed ones', id: RULES.chain, name: 'fault_guessed', level: 'critical' },
    ...{ type: 'temporal_ordered', rules: 'fault_many_before, fault_good', by: 'ip', more: '' },
    silowatch: opensByIp,
  }),
  feeding(6, 'fault_everywhere', WEB, 'cs-uri-stem: /fault-everywhere'),
  correlation({
    ...{ title: 'One address in several silos', id: RULES.fleet, name: 'fault_fleet', level: 'high' },
    ...{ type: 'event_count', rules: 'fault_everywhere', by: 'c-ip', more: '  condition: { gte: 2 }\n' },
    silowatch: 'scope: fleet, incident: { entities: [c-ip] }',
  }),
  feeding(9, 'fault_denied', APP, 'action: fault.try, outcome: denied'),
  correlation({
    ...{ title: 'One address, several users', id: RULES.spread, name: 'fault_spread', level: 'high' },
    ...{ type: 'value_count', rules: 'fault_denied', by: 'ip', more: '  condition: { field: actor.id, gte: 3 }\n' },
    silowatch: `suppress: 10m, ${opensByIp}`,
  }),
  feeding(11, 'fault_half_web', WEB, 'cs-uri-stem: /fault-half'),
  feeding(13, 'fault_half_app', APP, 'action: fault.half'),
  correlation({
    ...{ title: 'Two streams together', id: RULES.both, name: 'fault_both', level: 'high' },
    ...{ type: 'temporal', rules: 'fault_half_web, fault_half_app', by: 'client' },
    more: '  aliases:\n    client: { fault_half_web: c-ip, fault_half_app: ip }\n',
    silowatch: 'incident: { entities: [c-ip, ip] }',
  }),
];
