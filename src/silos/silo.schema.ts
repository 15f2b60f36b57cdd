import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { CONTACT_ROLES, isTenant } from './silo.js';

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const isLanguage = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
};

/** One line of text without control characters, which a terminal or a mail header would obey. */
const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'has control characters');

export const contactSchema = z.object({
  name: line,
  email: z.email('is not an e-mail address').max(254),
  role: z.enum(CONTACT_ROLES),
});

const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** `auto`: no format is set any more, records are told apart by shape. */
const format = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'is not the name of a format')
  .transform((name) => (name === 'auto' ? null : name))
  .optional();

/** What an operator says about a silo; what is left out keeps its value, or gets the default for a new silo. */
export const siloTermsSchema = z.object({
  tenant: z.string().refine(isTenant, 'must be a subdomain label: a-z, 0-9 and inner hyphens, 63 characters at most'),
  name: line.optional(),
  timeZone: z.string().refine(isTimeZone, 'is not a time zone such as Europe/Berlin').optional(),
  language: z.string().refine(isLanguage, 'is not a language tag such as en or de-AT').optional(),
  jurisdictions: z
    .array(z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'is not a code such as EU or US-CA'))
    .optional(),
  noticeHours: z.number().int().min(1).max(720).optional(),
  trustedProxies: z.array(z.string().refine(isNetwork, 'is neither an address nor a CIDR block')).max(200).optional(),
  accessFormat: format,
  auditFormat: format,
  contacts: z.array(contactSchema).max(50).default([]),
  /** Of the access and the audit topic each; only a new silo's can be chosen. */
  partitions: z.number().int().min(1).max(64).default(1),
});

export type SiloTerms = z.output<typeof siloTermsSchema>;
