import { createConnection } from 'node:net';
import { isListening, startJava, testPort, type JavaServer } from './java-server.js';

/** How tests reach the mail server. Any user name and password opens the mailbox of that name; mail for an unknown address makes one. */
export interface MailAddress {
  readonly host: string;
  readonly smtpPort: number;
  readonly imapPort: number;
}

/** Starts a real SMTP and IMAP server (with IDLE). */
export async function startGreenmail(
  jar: string,
): Promise<{ readonly address: MailAddress; readonly server: JavaServer }> {
  const [smtpPort, imapPort] = [await testPort(), await testPort()];
  const server = await startJava(
    'GreenMail',
    [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Dgreenmail.smtp.hostname=127.0.0.1',
      `-Dgreenmail.smtp.port=${smtpPort}`,
      '-Dgreenmail.imap.hostname=127.0.0.1',
      `-Dgreenmail.imap.port=${imapPort}`,
      '-Dgreenmail.auth.disabled',
      '-jar',
      jar,
    ],
    async () => (await isListening(smtpPort)) && (await greets(imapPort)),
  );
  return { address: { host: '127.0.0.1', smtpPort, imapPort }, server };
}

/** Whether IMAP answers. It takes leave with LOGOUT: GreenMail spins for ever, a core at a time, on a connection that merely breaks off. */
async function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write('a LOGOUT\r\n'));
    socket.once('error', () => resolve(false));
    socket.once('end', () => resolve(true));
    socket.resume();
  });
}
