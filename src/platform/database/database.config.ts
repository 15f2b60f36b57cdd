import { z } from 'zod';
import { secret } from '../config/config.js';

const url = (role: string, name: string): z.ZodOptional<ReturnType<typeof secret>> =>
  secret()
    .optional()
    .meta({
      description: `Postgres URL of the ${role}; without DATABASE_URL the embedded Postgres is started`,
      example: `postgres://silowatch_${name}:secret@db.example:5432/silowatch`,
    });

export const databaseConfig = z.object({
  DATABASE_URL: url("service's role", 'service'),
  DATABASE_OWNER_URL: url('owner (migrations)', 'owner'),
  DATABASE_WORKER_URL: url('job workers', 'worker'),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(20)
    .meta({ description: 'Connections of the service at most', example: '20' }),
  SILOWATCH_DATA: z
    .string()
    .default('.silowatch')
    .meta({ description: 'Folder of the embedded Postgres and of keys', example: '/var/lib/silowatch' }),
});
