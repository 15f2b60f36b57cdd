import { z } from 'zod';

export const disclosureConfig = z.object({
  MAIL_AUTHSERV_ID: z.string().optional().meta({
    description: 'authserv-id of the mail server whose Authentication-Results are believed for SPF (RFC 8601)',
    example: 'mx.example.com',
  }),
  DISCLOSURE_POLICY_URL: z.url().optional().meta({
    description: 'Page with the rules for security researchers, named in security.txt',
    example: 'https://example.com/security-policy',
  }),
});
