import { z } from 'zod';
import { flag, secret } from '../config/config.js';

export const eventLogConfig = z.object({
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'is not a list of host:port, separated by commas')
    .optional()
    .meta({
      description: 'Kafka brokers to start from; without it events travel through a table in Postgres',
      example: 'kafka-1.example:9092,kafka-2.example:9092',
    }),
  KAFKA_USERNAME: z
    .string()
    .optional()
    .meta({ description: "Silowatch's own principal (SASL/SCRAM-SHA-512)", example: 'silowatch' }),
  KAFKA_PASSWORD: secret().optional().meta({ description: 'Its password', example: 'a-long-random-password' }),
  KAFKA_TLS: flag.default(false).meta({ description: 'Whether to speak TLS to the brokers', example: 'true' }),
  KAFKA_TLS_CA: z
    .string()
    .regex(/-----BEGIN CERTIFICATE-----/, 'is not a certificate in PEM form')
    .optional()
    .meta({
      description: 'Certificates (PEM) to trust besides the public ones; usually given as KAFKA_TLS_CA_FILE',
      example: '-----BEGIN CERTIFICATE-----…',
    }),
  KAFKA_ALLOW_UNREPLICATED: flag.default(false).meta({
    description: 'Start although topics have fewer than 3 replicas: a lost disk then loses events',
    example: 'false',
  }),
});
