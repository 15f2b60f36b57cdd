import type { ConfigSlice } from '../platform/config/config.js';
import type { TitledSlice } from '../platform/config/describe.js';
import { cryptoConfig } from '../platform/crypto/crypto.config.js';
import { databaseConfig } from '../platform/database/database.config.js';
import { eventLogConfig } from '../platform/event-log/event-log.config.js';
import { disclosureConfig } from '../disclosure/disclosure.config.js';
import { httpConfig } from '../platform/http/http.config.js';
import { loggingConfig } from '../platform/logging/logging.js';
import { intakeConfig } from '../ingest/intake/intake.config.js';
import { mailConfig } from '../platform/mail/mail.config.js';
import { rolesConfig } from '../platform/roles/service-roles.js';
import { tracingConfig } from '../platform/tracing/tracing.config.js';
import { detectConfig } from '../detect/detect.config.js';
import { containmentConfig } from '../containment/containment.config.js';
import { incidentsConfig } from '../incidents/incidents.config.js';

/** Every environment variable of the service. Each room adds one line; docs/configuration.md and .env.example are made from this. */
export const titledSlices: readonly TitledSlice[] = [
  { title: 'Process', slice: rolesConfig },
  { title: 'HTTP', slice: httpConfig },
  { title: 'Database and files', slice: databaseConfig },
  { title: 'Event log', slice: eventLogConfig },
  { title: 'HTTP intake', slice: intakeConfig },
  { title: 'Keys', slice: cryptoConfig },
  { title: 'Mail', slice: mailConfig },
  { title: 'Disclosure', slice: disclosureConfig },
  { title: 'Logs', slice: loggingConfig },
  { title: 'Traces', slice: tracingConfig },
  { title: 'Detection', slice: detectConfig },
  { title: 'Incidents', slice: incidentsConfig },
  { title: 'Containment', slice: containmentConfig },
];

export const configSlices: readonly ConfigSlice[] = titledSlices.map(({ slice }) => slice);
