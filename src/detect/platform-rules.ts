import type { EventLogsource } from '../event/event.js';
import type { RuleFile } from '../sigma/index.js';

/** Log source of the events that the platform makes itself about what it read. */
export const PLATFORM_LOGSOURCE: EventLogsource = { product: 'silowatch', service: 'pipeline' };

/** What the platform says about records; ordinary rules, so that they are matched, counted and grouped like all others. */
export const PLATFORM_RULES: RuleFile = {
  path: 'silowatch (built in)',
  text: `title: A silo's record names another tenant
id: 6f0f4c56-8d0e-4f0b-9d0a-1d1f6d7a2b01
status: stable
description: A record on one silo's topic says that it is of another tenant. Either a silo's logs are mixed up or somebody forges them.
author: Silowatch
level: high
logsource:
  product: silowatch
  service: pipeline
detection:
  selection:
    silowatch.finding: tenant_claim
  condition: selection
silowatch:
  promise: [ISO-2]
  suppress: 1h
  respond: Compare the record with the silo's shipper configuration, then look for the tenant's data in the other silo.
  incident:
    entities: [silowatch.claimed_tenant]
---
title: A record was put aside because it could not be processed
id: 6f0f4c56-8d0e-4f0b-9d0a-1d1f6d7a2b02
status: stable
description: A record made its processing fail again and again, or ended the process, while everything else was well.
author: Silowatch
level: medium
logsource:
  product: silowatch
  service: pipeline
detection:
  selection:
    silowatch.finding: put_aside
  condition: selection
silowatch:
  promise: [MON-1]
  suppress: 1h
  respond: Look at the record with dead-letters list and report it to the maintainers of Silowatch.
---
title: Records were lost before they could be read
id: 6f0f4c56-8d0e-4f0b-9d0a-1d1f6d7a2b03
status: stable
description: The position of a silo's stream lies outside its log. Retention overtook the reader, or the topic was replaced.
author: Silowatch
level: high
logsource:
  product: silowatch
  service: pipeline
detection:
  selection:
    silowatch.finding: out_of_range
  condition: selection
silowatch:
  promise: [MON-1, AUTH-5]
  suppress: 1h
  respond: Find out what the silo logged in the missing stretch from its own copies.
---
title: A silo's stream has fallen behind
id: 6f0f4c56-8d0e-4f0b-9d0a-1d1f6d7a2b04
status: stable
description: What this silo logged a minute ago and more has not been looked at yet. All silos are read in turn, so a silo that is behind alone sends more than can be read.
author: Silowatch
level: medium
logsource:
  product: silowatch
  service: pipeline
detection:
  selection:
    silowatch.finding: lag
  condition: selection
silowatch:
  promise: [MON-1]
  suppress: 1h
  respond: See on the Silos page whether it is behind alone. If so, find out what it suddenly logs, by an attack or a loop; if all are, add an instance.
`,
};
