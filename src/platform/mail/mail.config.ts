import { z } from 'zod';
import { secret } from '../config/config.js';
import { canBeTagged, MAX_TAGGED_LOCAL } from './mail.js';

/** Mail to `local+tag@domain` must arrive there too. */
const taggable = z
  .email()
  .refine(canBeTagged, `must have ${MAX_TAGGED_LOCAL} characters at most before the @, since tags are added to it`);

export const mailConfig = z.object({
  SMTP_URL: secret().optional().meta({
    description: 'Server that takes the mails (smtp:// demands STARTTLS off loopback, smtps:// is TLS from the start)',
    example: 'smtps://silowatch:secret@mail.example:465',
  }),
  MAIL_FROM: z
    .string()
    .default('Silowatch <silowatch@localhost>')
    .meta({ description: 'Sender of every mail', example: 'Example Security <security-notices@example.com>' }),
  MAIL_RETURN_ADDRESS: taggable.optional().meta({
    description: 'Address, in the mailbox of IMAP_URL, that bounces go to (default: the address of MAIL_FROM)',
    example: 'bounces@example.com',
  }),
  COMPANY_NAME: z.string().default('The operator of this service').meta({
    description: 'Who writes: named in notices to customers and in answers to researchers',
    example: 'Example GmbH',
  }),
  SECURITY_ADDRESS: taggable.default('security@localhost.localdomain').meta({
    description: 'Address that customers and researchers write to; its mail arrives in the mailbox of IMAP_URL',
    example: 'security@example.com',
  }),
  SECURITY_PHONE: z
    .string()
    .optional()
    .meta({ description: 'Telephone number for customers, named in notices', example: '+49 30 1234567' }),
  DKIM_DOMAIN: z.string().optional().meta({ description: 'Domain that signs mails', example: 'example.com' }),
  DKIM_SELECTOR: z.string().optional().meta({ description: 'Selector of the DKIM key in DNS', example: 's2026' }),
  DKIM_PRIVATE_KEY: secret()
    .optional()
    .meta({ description: 'DKIM key, PEM, RSA of 2048 bits or more', example: '-----BEGIN PRIVATE KEY-----…' }),
  IMAP_URL: secret().optional().meta({
    description: 'Mailbox of the security address and of bounces (imap:// demands STARTTLS off loopback)',
    example: 'imaps://security%40example.com:secret@mail.example:993',
  }),
  IMAP_MAILBOX: z.string().default('INBOX').meta({ description: 'Folder that is read', example: 'INBOX' }),
});
