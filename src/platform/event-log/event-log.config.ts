import { z } from 'zod';
import { flag, secret } from '../config/config.js';
import { isLoopbackHost } from '../http/http.config.js';

const variables = z.object({
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
  KAFKA_TLS: flag.optional().meta({
    description:
      'Whether to speak TLS to the brokers; has to be said of any that is not on loopback: `false` sends what silos log in the clear',
    example: 'true',
  }),
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

export const eventLogConfig = variables.superRefine(({ KAFKA_BROKERS: brokers = '', KAFKA_TLS: isTls }, context) => {
  const far = brokers.split(',').find((broker) => broker !== '' && !isLoopbackHost(broker.split(':')[0] ?? ''));
  if (far === undefined || isTls !== undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['KAFKA_TLS'],
    message: `must be set, since ${far} is not on loopback: to true, or to false where nobody else can read that network`,
  });
});
