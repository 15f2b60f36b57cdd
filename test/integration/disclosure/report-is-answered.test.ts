import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { simpleParser, type ParsedMail } from 'mailparser';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { AttemptCounterRepository } from '../../../src/access/attempt-counter.repository.js';
import type { Staff } from '../../../src/access/staff.js';
import { disclosureConfig } from '../../../src/disclosure/disclosure.config.js';
import { acknowledgeReport, sendReportMessage } from '../../../src/disclosure/disclosure-jobs.js';
import { DisclosureMetrics } from '../../../src/disclosure/disclosure.metrics.js';
import type { ReportView } from '../../../src/disclosure/disclosure.schema.js';
import { DisclosureTexts } from '../../../src/disclosure/disclosure-texts.js';
import { IntakeService } from '../../../src/disclosure/intake.service.js';
import { MailAuthenticator, type TxtResolver } from '../../../src/disclosure/mail-authenticator.js';
import { ReportDesk } from '../../../src/disclosure/report-desk.service.js';
import { ReportForm } from '../../../src/disclosure/report-form.service.js';
import { ReportIncident } from '../../../src/disclosure/report-incident.service.js';
import { ReportMailer } from '../../../src/disclosure/report-mailer.service.js';
import { ReportMessageRepository } from '../../../src/disclosure/report-message.repository.js';
import { ReportRead } from '../../../src/disclosure/report-read.service.js';
import { ReportRepository } from '../../../src/disclosure/report.repository.js';
import { IncidentJoiningService } from '../../../src/incidents/incident-joining.service.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { loadConfig } from '../../../src/platform/config/config.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { SealedBox } from '../../../src/platform/crypto/sealed-box.js';
import { JobRunner } from '../../../src/platform/jobs/job-runner.js';
import { ImapReader } from '../../../src/platform/mail/imap-reader.js';
import { mailConfig } from '../../../src/platform/mail/mail.config.js';
import { MailInbox } from '../../../src/platform/mail/mail-inbox.js';
import { SiloDirectory } from '../../../src/silos/silo-directory.service.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { mailAddress } from '../../harness/servers.js';
import { testAddress, until } from '../mail/mailbox.js';
import { PagingSet } from '../paging/paging-set.js';

interface Caught {
  readonly from: string;
  readonly to: string;
  readonly mail: ParsedMail;
}

/** Takes what is sent with the null sender, which the other test server refuses. */
async function catcher(): Promise<{ url: string; caught: Caught[]; close: () => Promise<void> }> {
  const caught: Caught[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      void simpleParser(stream).then((mail) => {
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        caught.push({ from, to: session.envelope.rcptTo[0]?.address ?? '', mail });
        done();
      });
    },
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => resolve((listening.address() as { port: number }).port));
  });
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { url: `smtp://127.0.0.1:${port}`, caught, close };
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const txt = `v=DKIM1; k=rsa; p=${keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const dns: TxtResolver = async (domain) => {
  if (domain === 's1._domainkey.researcher.test') return [[txt]];
  throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
};

const CLIENT = '192.0.2.77';

describe('a mail to the security address', () => {
  let set: PagingSet;
  let caught: Caught[];
  let security: string;
  let ann: string;
  let read: ReportRead;
  let desk: ReportDesk;
  let incident: ReportIncident;
  let form: ReportForm;
  let inbox: MailInbox;
  let staff: Staff;

  beforeEach(async () => {
    const sink = await catcher();
    caught = sink.caught;
    set = await PagingSet.open(sink.url);
    set.onClose(async () => {
      // Its open connections would keep the other side from closing.
      set.mailer.close();
      await sink.close();
    });
    security = testAddress('security');
    ann = testAddress('ann', 'researcher.test');
    const loaded = loadConfig([mailConfig, disclosureConfig], {
      SECURITY_ADDRESS: security,
      COMPANY_NAME: 'Example GmbH',
    });
    if (!loaded.ok) throw new Error('configuration');
    const { config } = loaded;
    const { db, ids, mailer, incidents, timeline, trail, log } = set;
    const clock = new SystemClock();
    const box = new SealedBox(Buffer.alloc(32, 3));
    const reports = new ReportRepository(clock, ids, box);
    const messages = new ReportMessageRepository(ids, box);
    const metrics = new DisclosureMetrics(set.metrics);
    const texts = await DisclosureTexts.load();
    const authenticator = new MailAuthenticator(dns, undefined);
    inbox = new MailInbox(db.database, clock, log);
    inbox.onMail(new IntakeService(reports, messages, authenticator, mailer, box, metrics, config, clock));
    const reportMailer = new ReportMailer(db.database, reports, messages, mailer, texts, box, metrics, config);
    read = new ReportRead(db.database, reports, messages, trail, clock);
    desk = new ReportDesk(db.database, reports, messages, trail, texts, mailer, config, clock);
    form = new ReportForm(
      db.database,
      reports,
      messages,
      new AttemptCounterRepository(clock),
      metrics,
      set.publicUrl,
      clock,
      ids,
    );
    const silos = new SiloDirectory(new SiloRepository());
    const unused = undefined as never;
    const joining = new IncidentJoiningService(clock, ids, incidents, unused, timeline, unused, silos, unused);
    incident = new ReportIncident(
      db.database,
      reports,
      incidents,
      joining,
      timeline,
      silos,
      trail,
      metrics,
      clock,
      ids,
    );
    const jobs = new JobRunner({ workerUrl: db.workerUrl, concurrency: 2 }, clock, log);
    jobs.handle(acknowledgeReport, (job, run) => reportMailer.acknowledge(job, run.isLastAttempt));
    jobs.handle(sendReportMessage, ({ messageId }, run) => reportMailer.send(messageId, run.isLastAttempt));
    await jobs.start();
    set.onClose(() => jobs.stop());
    staff = await set.addStaff('Bob Responder', testAddress('bob'), ['responder']);
  });
  afterEach(() => set.close());

  /** A mail by its sender's own server, signed unless told otherwise, into the real mailbox. */
  async function write(mail: {
    subject: string;
    text: string;
    to?: string;
    isSigned?: boolean;
    from?: string;
  }): Promise<string> {
    const { host, smtpPort } = mailAddress();
    const transport = nodemailer.createTransport({
      host,
      port: smtpPort,
      ignoreTLS: true,
      ...(mail.isSigned === false
        ? {}
        : {
            dkim: {
              domainName: 'researcher.test',
              keySelector: 's1',
              privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
            },
          }),
    });
    const messageId = `<${randomUUID()}@researcher.test>`;
    await transport.sendMail({
      envelope: { from: mail.from ?? ann, to: security },
      from: `Ann Researcher <${mail.from ?? ann}>`,
      to: mail.to ?? security,
      subject: mail.subject,
      text: mail.text,
      messageId,
    });
    transport.close();
    return messageId;
  }

  function readMailbox(): void {
    const { host, imapPort } = mailAddress();
    const url = new Secret(`imap://${encodeURIComponent(security)}:any@${host}:${imapPort}`);
    const reader = new ImapReader(url, 'INBOX', inbox, set.log, 50);
    reader.start();
    set.onClose(() => reader.stop());
  }

  async function reportsWhen(count: number): Promise<ReportView[]> {
    await until(async () => (await read.list(staff, { limit: 50 })).items.length >= count, `${count} reports`);
    const { items } = await read.list(staff, { limit: 50 });
    return Promise.all(items.map(({ id }) => read.find(staff, id)));
  }

  const raw = (headers: string[], body = 'Hello'): Buffer => Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}\r\n`);

  it('is a report within seconds, is acknowledged once by a mail that repeats nothing, and is answered in its thread', async () => {
    readMailbox();
    const theirs = await write({ subject: 'XSS in invoices', text: 'The field SECRETFIELD is not escaped.' });
    const [report] = await reportsWhen(1);
    expect(report).toMatchObject({
      number: expect.stringMatching(/^REP-\d{4}-0001$/) as string,
      state: 'new',
      subject: 'XSS in invoices',
    });
    expect(report?.reporter.email).toBe(ann);
    expect(report?.authentication).toMatchObject({ dkim: 'pass', aligned: true, spf: 'none' });
    expect(report?.messages[0]?.text).toContain('SECRETFIELD');

    await until(async () => caught.length === 1, 'the acknowledgement');
    const [acknowledgement] = caught;
    expect(acknowledgement).toMatchObject({ from: '', to: ann });
    expect(acknowledgement?.mail.headers.get('auto-submitted')).toBe('auto-replied');
    expect(acknowledgement?.mail.inReplyTo).toBe(theirs);
    expect(`${acknowledgement?.mail.subject ?? ''}${acknowledgement?.mail.text ?? ''}`).not.toMatch(/XSS|SECRETFIELD/);
    expect(report?.clocks.find(({ id }) => id === 'acknowledge')?.state).toBe('running');

    await desk.reply(staff, report!.id, 'Thank you. Which browser did you use?');
    await until(async () => caught.length === 2, 'the answer');
    const answer = caught[1]!;
    expect(answer.to).toBe(ann);
    expect(answer.mail).toMatchObject({ inReplyTo: theirs, subject: `Re: XSS in invoices [${report!.number}]` });
    expect(answer.mail.headers.has('auto-submitted')).toBe(false);
    await until(
      async () => (await read.find(staff, report!.id)).messages.at(-1)?.delivery === 'sent',
      'the record of it',
    );
    const answered = await read.find(staff, report!.id);
    expect(answered.state).toBe('acknowledged');
    expect(answered.clocks.find(({ id }) => id === 'acknowledge')?.state).toBe('met');

    const replyTo = answer.mail.replyTo?.value[0]?.address ?? '';
    await write({ subject: 'Re: XSS in invoices', text: 'Firefox.', to: replyTo });
    await until(async () => (await read.find(staff, report!.id)).messages.length === 3, 'their answer in the thread');

    await write({ subject: 'Re: XSS in invoices', text: 'I am Ann, honestly.', to: replyTo, isSigned: false });
    const [stranger] = await reportsWhen(2);
    expect(stranger?.claims).toEqual({ id: report!.id, number: report!.number });
    expect((await read.find(staff, report!.id)).messages).toHaveLength(3);
    expect(stranger?.automaticAnswer).toBe('answered_today');
    expect(caught).toHaveLength(2);
  });

  it('is kept encrypted', async () => {
    await inbox.deliver(raw([`From: ${ann}`, `To: ${security}`, 'Subject: SECRETSUBJECT'], 'SECRETTEXT'), ann);
    const rows = await set.asOwner<{ dump: string }>(
      `select coalesce((select json_agg(r)::text from reports r), '') || coalesce((select json_agg(m)::text from report_messages m), '') as dump`,
    );
    expect(rows[0]?.dump).toContain(ann);
    expect(rows[0]?.dump).not.toMatch(/SECRET/);
    const [report] = await reportsWhen(1);
    const { raw: octets } = await read.raw(staff, report!.id, report!.messages[0]!.id);
    expect(octets.toString()).toContain('SECRETTEXT');
  });

  it('that comes twice is one report', async () => {
    const mail = raw([`From: ${ann}`, `To: ${security}`, 'Subject: Twice']);
    await inbox.deliver(mail, ann);
    await inbox.deliver(mail, ann);
    expect(await reportsWhen(1)).toHaveLength(1);
  });

  it('that is automatic is a report and is not answered', async () => {
    await inbox.deliver(raw([`From: ${ann}`, `To: ${security}`, 'Subject: Away', 'Auto-Submitted: auto-replied']), ann);
    await inbox.deliver(raw(['From: MAILER-DAEMON@x.test', `To: ${security}`, 'Subject: Undelivered']), '');
    const found = await reportsWhen(2);
    expect(found.map(({ automaticAnswer }) => automaticAnswer).toSorted()).toEqual(['automatic', 'null_sender']);
    expect(await set.asOwner('select 1 from report_acknowledgements')).toEqual([]);
    expect(caught).toEqual([]);
  });

  it('with 1,000 parts is a report that says so, and does not keep the next one waiting', async () => {
    const part = '--B\r\nContent-Type: text/plain\r\n\r\nx\r\n';
    const many = raw(
      [`From: ${ann}`, `To: ${security}`, 'Subject: Many', 'Content-Type: multipart/mixed; boundary=B'],
      `${part.repeat(1000)}--B--`,
    );
    await inbox.deliver(many, ann);
    await inbox.deliver(raw([`From: ${ann}`, `To: ${security}`, 'Subject: Next']), ann);
    const found = await reportsWhen(2);
    expect(found.map(({ subject }) => subject).toSorted()).toEqual(['Many', 'Next']);
    expect(found.find(({ subject }) => subject === 'Many')?.messages[0]?.text).toContain('1000 parts or more');
  });

  it('becomes an incident with one click, once', async () => {
    await inbox.deliver(raw([`From: ${ann}`, `To: ${security}`, 'Subject: Exploited']), ann);
    const [report] = await reportsWhen(1);
    const input = { title: 'A weakness is being used', severity: 'SEV1' as const, tenants: [] };
    const incidentId = await incident.open(staff, report!.id, input);
    expect((await read.find(staff, report!.id)).incidentId).toBe(incidentId);
    const texts = (await set.timelineOf(incidentId)).map(({ text }) => text);
    expect(texts).toContain(`Reported by a researcher as ${report!.number}`);
    const jobs = await set.asOwner('select 1 from incidents where id = $1', [incidentId]);
    expect(jobs).toHaveLength(1);
    await expect(incident.open(staff, report!.id, input)).rejects.toMatchObject({ code: 'REPORT_HAS_INCIDENT' });
  });

  it('moves only along the table of states, and the reporter is told', async () => {
    await inbox.deliver(
      raw([`From: ${ann}`, `To: ${security}`, 'Subject: A weakness', 'Message-ID: <w@researcher.test>']),
      ann,
    );
    const [report] = await reportsWhen(1);
    await expect(desk.setState(staff, report!.id, 'fixed', 'no')).rejects.toMatchObject({ code: 'REPORT_TRANSITION' });
    await desk.setState(staff, report!.id, 'needs_information', 'Which version is it?');
    await until(
      async () => caught.some(({ mail }) => mail.text?.includes('Which version is it?') === true),
      'the question',
    );
    const asked = await read.find(staff, report!.id);
    expect(asked.state).toBe('needs_information');
    expect(asked.clocks.find(({ id }) => id === 'assess')?.why).toContain('stands still now');
  });

  it('may also come by the form, which answers with a page of its own and no mail', async () => {
    const input = { email: ann, name: 'Ann', subject: 'By form', text: 'See <b>here</b>', website: '' };
    expect(await form.submit({ ...input, email: 'nobody' }, CLIENT)).toMatchObject({ ok: false });
    expect(await form.submit({ ...input, website: 'x' }, CLIENT)).toMatchObject({ ok: false });
    const submitted = await form.submit(input, CLIENT);
    const [report] = await reportsWhen(1);
    expect(report).toMatchObject({ source: 'form', automaticAnswer: 'page', subject: 'By form' });
    expect(submitted.ok && (await form.look(submitted.token))).toMatchObject({ number: report!.number });
    expect(await form.look('x'.repeat(43))).toBeUndefined();
    expect(caught).toEqual([]);
  });

  it('is refused by the form when one client sends many, whatever reporter each of them names', async () => {
    const input = { email: ann, name: '', subject: 'Once more', text: 'the same', website: '' };
    for (let i = 0; i < 30; i += 1) {
      expect(await form.submit({ ...input, email: `r${i}@example.test` }, `2001:db8::${i.toString(16)}`)).toMatchObject(
        {
          ok: true,
        },
      );
    }
    expect(await form.submit(input, '2001:db8::ffff')).toMatchObject({ ok: false });
    expect(await form.submit(input, CLIENT)).toMatchObject({ ok: true });
  });
});
