import { ImapFlow } from 'imapflow';
import { simpleParser, type ParsedMail } from 'mailparser';
import { mailAddress } from '../../harness/servers.js';

let count = 0;

/** An address whose mailbox nobody else uses. */
export function testAddress(name: string, domain = 'example.test'): string {
  count += 1;
  return `${name}${Date.now().toString(36).slice(-5)}${process.pid % 10_000}${count}@${domain}`;
}

/** What lies in the mailbox of `address` now, oldest first. */
export async function mailsOf(address: string): Promise<ParsedMail[]> {
  const { host, imapPort } = mailAddress();
  const client = new ImapFlow({
    host,
    port: imapPort,
    secure: false,
    doSTARTTLS: false,
    auth: { user: address, pass: 'any' },
    logger: false,
  });
  await client.connect();
  try {
    const box = await client.mailboxOpen('INBOX');
    if (box.exists === 0) return [];
    const found = await client.fetchAll('1:*', { source: true });
    return await Promise.all(found.map((mail) => simpleParser(mail.source ?? Buffer.alloc(0))));
  } finally {
    // Said in full: GreenMail spins for ever on a connection that merely breaks off.
    await client.logout().catch(() => undefined);
    client.close();
  }
}

/** Waits until `count` mails lie in the mailbox; fails after `timeoutMs` with what is there. */
export async function expectMails(address: string, wanted: number, timeoutMs = 15_000): Promise<ParsedMail[]> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    // A busy server sometimes drops a connection: asked again.
    const mails = await mailsOf(address).catch((): ParsedMail[] => []);
    if (mails.length >= wanted) return mails;
    if (Date.now() > until) {
      throw new Error(
        `${address} has ${mails.length} mails instead of ${wanted}: ${mails.map((m) => m.subject).join('; ')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Waits until `check` holds. */
export async function until(check: () => Promise<boolean>, what: string, timeoutMs = 15_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`In vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
