import { z } from 'zod';

export const linesAnswerSchema = z
  .object({
    accepted: z.number().int().meta({ description: 'Records that the log has acknowledged and that can be used' }),
    rejected: z
      .number()
      .int()
      .meta({ description: 'Records that cannot be used; all but those over 1 MiB are kept as dead letters' }),
    errors: z
      .array(z.object({ line: z.number().int(), reason: z.string() }))
      .meta({ description: 'The first hundred of them: line, or place in the array, from 1' }),
  })
  .meta({ id: 'IntakeAnswer' });

export const otlpAnswerSchema = z
  .object({ partialSuccess: z.object({ rejectedLogRecords: z.string(), errorMessage: z.string() }).optional() })
  .meta({ id: 'OtlpLogsAnswer' });

export const bulkAnswerSchema = z
  .object({ took: z.number().int(), errors: z.boolean(), items: z.array(z.record(z.string(), z.unknown())) })
  .meta({ id: 'BulkAnswer' });

export const hecAnswerSchema = z
  .object({
    text: z.string(),
    code: z.number().int(),
    rejected: z.number().int().optional(),
    errors: z.array(z.object({ line: z.number().int(), reason: z.string() })).optional(),
  })
  .meta({ id: 'HecAnswer' });
