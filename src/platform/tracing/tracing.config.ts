import { z } from 'zod';

export const tracingConfig = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .meta({ description: 'OTLP/HTTP endpoint for traces; without it none are made', example: 'http://localhost:4318' }),
  OTEL_SERVICE_NAME: z
    .string()
    .default('silowatch')
    .meta({ description: 'Name of the service in traces', example: 'silowatch' }),
});
