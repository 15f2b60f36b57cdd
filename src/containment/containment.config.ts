import { z } from 'zod';
import { parseNetworks } from './never-block.js';

export const containmentConfig = z.object({
  CONTAINMENT_NEVER_BLOCK: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
    .refine((list) => parseNetworks(list).faults.length === 0, 'is not a list of addresses and networks')
    .meta({
      description: 'Addresses and networks that are never blocked: own monitors, customers’ offices',
      example: '198.51.100.0/24,2001:db8::/48',
    }),
  CONTAINMENT_AUTOMATIC_PER_HOUR: z.coerce.number().int().min(0).max(1_000).default(30).meta({
    description: 'Automatic actions in one silo within an hour; beyond, a person approves each',
    example: '30',
  }),
  CONTAINMENT_PROOF_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(600)
    .default(10)
    .meta({ description: 'Seconds without a contradicting event until an action counts as verified', example: '10' }),
});
