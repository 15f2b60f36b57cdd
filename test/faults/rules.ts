import { writeFile } from 'node:fs/promises';
import path from 'node:path';

export const RULES = { probe: 'aaaaaaaa-1111-4111-8111-000000000001', many: 'aaaaaaaa-1111-4111-8111-000000000003' };
export const CHAIN = 'aaaaaaaa-1111-4111-8111-000000000005';
export const FLEET = 'aaaaaaaa-1111-4111-8111-000000000007';

/**
 * Rules whose alerts over the fault run's stream are known beforehand. With each `version` the single rules are another text and so another
 * hash: a record read again under it must give the same alert and no second one. The counting rules stay, since a changed one begins anew.
 */
export async function writeRules(folder: string, version: number): Promise<void> {
  const single = `title: A probe
id: ${RULES.probe}
status: stable
description: Alerts on each single match, version ${version}.
author: Silowatch
level: high
logsource: { category: webserver }
detection:
  selection: { cs-uri-stem|startswith: /fault-probe }
  other: { cs-uri-stem: /never-${version} }
  condition: selection or other
silowatch:
  suppress: 1s
  incident: { entities: [c-ip] }
`;
  await writeFile(path.join(folder, 'single.yml'), single);
  if (version === 0) await writeFile(path.join(folder, 'counting.yml'), COUNTING);
}

const COUNTING = `title: A failed sign-in
id: aaaaaaaa-1111-4111-8111-000000000002
name: fault_failed
status: stable
description: Only feeds correlations.
author: Silowatch
level: low
logsource: { product: silo, service: app }
detection:
  selection: { action: fault.try, outcome: failure }
  condition: selection
---
title: Many failed
id: ${RULES.many}
name: fault_many
status: stable
description: Counts over batches.
author: Silowatch
level: high
correlation:
  type: event_count
  rules: [fault_failed]
  group-by: [ip]
  timespan: 5m
  condition: { gte: 3 }
  generate: false
silowatch:
  suppress: 10m
  incident: { entities: [ip] }
---
title: Many failed, for the next one
id: aaaaaaaa-1111-4111-8111-000000000008
name: fault_many_before
status: stable
description: Feeds another correlation and does not alert.
author: Silowatch
level: low
correlation:
  type: event_count
  rules: [fault_failed]
  group-by: [ip]
  timespan: 5m
  condition: { gte: 3 }
  generate: false
silowatch:
  suppress: 10m
---
title: A success
id: aaaaaaaa-1111-4111-8111-000000000004
name: fault_good
status: stable
description: Only feeds correlations.
author: Silowatch
level: low
logsource: { product: silo, service: app }
detection:
  selection: { action: fault.try, outcome: success }
  condition: selection
---
title: A success after many failed ones
id: ${CHAIN}
name: fault_guessed
status: stable
description: Fed by another correlation, through the outbox.
author: Silowatch
level: critical
correlation:
  type: temporal_ordered
  rules: [fault_many_before, fault_good]
  group-by: [ip]
  timespan: 10m
  generate: false
silowatch:
  incident: { entities: [ip] }
---
title: One address in several silos, once
id: aaaaaaaa-1111-4111-8111-000000000006
name: fault_everywhere
status: stable
description: Feeds a correlation over silos.
author: Silowatch
level: low
logsource: { category: webserver }
detection:
  selection: { cs-uri-stem: /fault-everywhere }
  condition: selection
---
title: One address in several silos
id: ${FLEET}
name: fault_fleet
status: stable
description: Counts over silos.
author: Silowatch
level: high
correlation:
  type: event_count
  rules: [fault_everywhere]
  group-by: [c-ip]
  timespan: 5m
  condition: { gte: 2 }
  generate: false
silowatch:
  scope: fleet
  incident: { entities: [c-ip] }
`;
