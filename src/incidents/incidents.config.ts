import { z } from 'zod';

export const incidentsConfig = z.object({
  INCIDENT_QUIET_MINUTES: z.coerce.number().positive().max(10_080).default(30).meta({
    description: "Minutes without an alert on an incident's entities before it may count as contained",
    example: '30',
  }),
});
