import { SystemClock } from '../../../src/platform/clock/clock.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';
import { ImapReader } from '../../../src/platform/mail/imap-reader.js';
import { MailInbox } from '../../../src/platform/mail/mail-inbox.js';
import { SmtpMailer } from '../../../src/platform/mail/smtp-mailer.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { mailAddress } from '../../harness/servers.js';
import { expectMails, testAddress, until } from './mailbox.js';

const log = new PinoLog('silent');

describe('the mailbox', () => {
  let db: TestDatabase;
  let mailer: SmtpMailer;
  let address: string;
  let readers: ImapReader[];
  let inbox: MailInbox;
  let subjects: string[];
  let failing: string | undefined;

  const send = (subject: string): Promise<unknown> =>
    mailer.send({
      kind: 'reminder',
      messageId: `${subject}@example.test`,
      to: { address },
      subject,
      text: 'text',
      autoSubmitted: 'auto-generated',
    });

  const read = (): ImapReader => {
    const { host, imapPort } = mailAddress();
    const url = new Secret(`imap://${encodeURIComponent(address)}:any@${host}:${imapPort}`);
    const reader = new ImapReader(url, 'INBOX', inbox, log, 20);
    readers.push(reader);
    reader.start();
    return reader;
  };

  beforeEach(async () => {
    db = await testDatabase();
    const { host, smtpPort } = mailAddress();
    address = testAddress('inbox');
    mailer = new SmtpMailer(
      {
        url: new Secret(`smtp://${host}:${smtpPort}`),
        from: 'Silowatch <silowatch@example.test>',
        returnAddress: undefined,
        dkim: undefined,
      },
      new Metrics(),
    );
    readers = [];
    subjects = [];
    failing = undefined;
    inbox = new MailInbox(db.database, new SystemClock(), log);
    inbox.onMail({
      name: 'test',
      order: 'last',
      prepare: async (mail) => {
        const subject = /^Subject: (.*)$/m.exec(mail.raw.toString())?.[1]?.trim() ?? '';
        return {
          job: 'disclosure',
          keep: async () => {
            if (subject === failing) throw new Error('cannot keep');
            subjects.push(subject);
          },
        };
      },
    });
  });
  afterEach(async () => {
    for (const reader of readers) await reader.stop();
    mailer.close();
    await db.drop();
  });

  it('hands over what lies there, then what arrives while it waits', async () => {
    await send('one');
    read();
    await until(async () => subjects.length === 1, 'the first mail');
    await send('two');
    await until(async () => subjects.length === 2, 'the second mail', 5_000);
    expect(subjects).toEqual(['one', 'two']);
  });

  it('hands over nothing twice after a restart, and what came meanwhile once', async () => {
    await send('one');
    const first = read();
    await until(async () => subjects.length === 1, 'the first mail');
    await first.stop();
    await send('two');
    await expectMails(address, 2);
    read();
    await until(async () => subjects.length === 2, 'the second mail');
    expect(subjects).toEqual(['one', 'two']);
  });

  it('hands over each mail once when two processes read it', async () => {
    read();
    read();
    for (const subject of ['one', 'two', 'three']) await send(subject);
    await until(async () => subjects.length >= 3, 'three mails');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(subjects.toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('passes over a mail that cannot be kept, says so, and goes on', async () => {
    failing = 'poison';
    await send('poison');
    await send('good');
    // Each failure ends the session.
    read();
    await until(async () => subjects.includes('good'), 'the good mail', 25_000);
    const rows = await db.database.source.query<{ reason: string }[]>('select reason from mail_passed_over');
    expect(rows).toEqual([{ reason: 'Error' }]);
  });

  it('is sent to with one Message-ID, marked as automatic', async () => {
    await send('marked');
    const [mail] = await expectMails(address, 1);
    expect(mail?.messageId).toBe('<marked@example.test>');
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
  });
});
