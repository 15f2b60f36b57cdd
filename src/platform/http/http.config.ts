import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { secret } from '../config/config.js';

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '::1', 'localhost']);

export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOSTS.has(host);

const proxies = z.string().transform((text, context) => {
  const list = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const wrong = list.find((part) => !ipaddr.isValid(part) && !ipaddr.isValidCIDR(part));
  if (wrong !== undefined) {
    context.addIssue({ code: 'custom', message: `"${wrong}" is neither an address nor a CIDR block` });
  }
  return list;
});

export const httpConfig = z
  .object({
    PORT: z.coerce
      .number('must be a number from 0 to 65535')
      .int('must be a whole number')
      .min(0, 'must be 0 or more')
      .max(65_535, 'must be 65535 or less')
      .default(3000)
      .meta({ description: 'Port of the API, the dashboard and the metrics; 0 picks a free one', example: '3000' }),
    HOST: z.string().default('127.0.0.1').meta({
      description: 'Address to listen on; anything but loopback needs PUBLIC_URL and METRICS_TOKEN',
      example: '0.0.0.0',
    }),
    PUBLIC_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .optional()
      .meta({
        description:
          'Where browsers reach the service, and what links in mails start with; http://localhost:PORT when not set',
        example: 'https://silowatch.example.com',
      }),
    TRUSTED_PROXIES: proxies.default([]).meta({
      description: 'Addresses or CIDR blocks, separated by commas, whose X-Forwarded-For and -Proto are believed',
      example: '10.0.0.0/8,192.0.2.7',
    }),
    METRICS_TOKEN: secret().optional().meta({
      description: 'Bearer token for /metrics and /metrics/silos; without it only loopback clients may read them',
      example: 'a-long-random-string',
    }),
  })
  .superRefine((value, context) => {
    if (isLoopbackHost(value.HOST)) return;
    if (value.PUBLIC_URL?.startsWith('https://') !== true) {
      context.addIssue({
        code: 'custom',
        path: ['PUBLIC_URL'],
        message: `must be set to an https URL, since HOST=${value.HOST} is not loopback`,
      });
    }
    if (value.METRICS_TOKEN === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['METRICS_TOKEN'],
        message: `must be set, since HOST=${value.HOST} is not loopback`,
      });
    }
  });

/** Where people reach the service, without a slash at the end. */
export function publicUrl(config: z.infer<typeof httpConfig>, listeningPort = config.PORT): string {
  return (config.PUBLIC_URL ?? `http://localhost:${listeningPort}`).replace(/\/+$/, '');
}
