import { randomUUID } from 'node:crypto';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Staff } from '../../../src/access/staff.js';
import { GroupingRepository } from '../../../src/incidents/grouping.repository.js';
import { IncidentDeskService } from '../../../src/incidents/incident-desk.service.js';
import type { IncidentProgressService } from '../../../src/incidents/incident-progress.service.js';
import { NotificationDecisionRepository } from '../../../src/incidents/notification-decision.repository.js';
import { BounceHandler } from '../../../src/notices/bounce-handler.service.js';
import { DeliveryFollowUp } from '../../../src/notices/delivery-follow-up.service.js';
import { DeliveryRepository } from '../../../src/notices/delivery.repository.js';
import { FACT_FIELDS } from '../../../src/notices/fact-fields.js';
import { NoticeApproval } from '../../../src/notices/notice-approval.service.js';
import { NoticeComposer } from '../../../src/notices/notice-composer.service.js';
import { NoticeDesk } from '../../../src/notices/notice-desk.service.js';
import { sendNotice } from '../../../src/notices/notice-jobs.js';
import { NoticeLinkController } from '../../../src/notices/notice-link.controller.js';
import { NoticeNotificationState } from '../../../src/notices/notice-notification-state.service.js';
import { NoticePage } from '../../../src/notices/notice-page.service.js';
import { NoticeRead } from '../../../src/notices/notice-read.service.js';
import { NoticeSender } from '../../../src/notices/notice-sender.service.js';
import { NoticeTexts } from '../../../src/notices/notice-texts.js';
import { NoticeRepository } from '../../../src/notices/notice.repository.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { loadConfig } from '../../../src/platform/config/config.js';
import { SealedBox } from '../../../src/platform/crypto/sealed-box.js';
import { system } from '../../../src/platform/database/scope.js';
import { JobRunner } from '../../../src/platform/jobs/job-runner.js';
import { mailConfig } from '../../../src/platform/mail/mail.config.js';
import { MailInbox } from '../../../src/platform/mail/mail-inbox.js';
import { tagged } from '../../../src/platform/mail/mail.js';
import { signedTag } from '../../../src/platform/mail/signed-tag.js';
import { SiloDirectory } from '../../../src/silos/silo-directory.service.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { expectMails, mailsOf, testAddress, until } from '../mail/mailbox.js';
import { PagingSet } from '../paging/paging-set.js';

@Module({})
class LinkModule {}

const FACTS = Object.fromEntries(FACT_FIELDS.map(({ key, label }) => [key, `${label}: as known.`]));

describe('a customer notice', () => {
  let set: PagingSet;
  let box: SealedBox;
  let inbox: MailInbox;
  let read: NoticeRead;
  let desk: NoticeDesk;
  let approval: NoticeApproval;
  let followUp: DeliveryFollowUp;
  let state: NoticeNotificationState;
  let page: NoticePage;
  let sender: NoticeSender;
  let author: Staff;
  let approver: Staff;
  let incidentId: string;
  let contact: string;

  beforeEach(async () => {
    set = await PagingSet.open();
    const { db, clock, ids, incidents, timeline, trail, mailer, publicUrl, log } = set;
    const loaded = loadConfig([mailConfig], {
      COMPANY_NAME: 'Example GmbH',
      SECURITY_ADDRESS: 'security@example.test',
    });
    if (!loaded.ok) throw new Error('configuration');
    box = new SealedBox(Buffer.alloc(32, 1));
    const notices = new NoticeRepository();
    const deliveries = new DeliveryRepository(clock);
    const silos = new SiloDirectory(new SiloRepository());
    const composer = new NoticeComposer(silos, await NoticeTexts.load(), loaded.config);
    const progress = { changed: async () => undefined } as unknown as IncidentProgressService;
    const grouping = new GroupingRepository();
    const incidentDesk = new IncidentDeskService(clock, db.database, incidents, grouping, timeline, trail, progress);
    desk = new NoticeDesk(db.database, notices, composer, incidents, incidentDesk, ids);
    approval = new NoticeApproval(db.database, notices, deliveries, composer, incidentDesk, mailer, ids);
    followUp = new DeliveryFollowUp(db.database, deliveries, incidentDesk);
    read = new NoticeRead(db.database, notices, deliveries, composer, incidents, incidentDesk);
    state = new NoticeNotificationState(new NotificationDecisionRepository(), deliveries);
    page = new NoticePage(db.database, notices, deliveries, incidents, silos, timeline, trail, clock);
    sender = new NoticeSender(
      db.database,
      notices,
      deliveries,
      incidents,
      timeline,
      mailer,
      box,
      publicUrl,
      clock,
      ids,
    );
    inbox = new MailInbox(db.database, clock, log);
    inbox.onMail(new BounceHandler(mailer, box, sender));
    const jobs = new JobRunner({ workerUrl: db.workerUrl, concurrency: 2 }, new SystemClock(), log);
    jobs.handle(sendNotice, ({ deliveryId }, run) => sender.send(deliveryId, run.isLastAttempt));
    await jobs.start();
    set.onClose(() => jobs.stop());

    contact = testAddress('anna', 'acme.test');
    await addSilo('acme', 'Acme', [
      ['Anna Berg', contact, true],
      ['Unverified', testAddress('nobody', 'acme.test'), false],
    ]);
    await addSilo('globex', 'Globex Europe', [['Bob Stone', 'bob@globex.test', true]]);
    author = await set.addStaff('Ann', testAddress('ann'), ['comms']);
    approver = await set.addStaff('Bob', testAddress('bob'), ['commander']);
    incidentId = await set.addIncident('INC-2026-0042');
  });
  afterEach(() => set.close());

  async function addSilo(tenant: string, name: string, contacts: [string, string, boolean][]): Promise<void> {
    await set.asOwner(
      `insert into silos (tenant_id, name, state, incarnation, time_zone, language, jurisdictions, notice_hours, created_at)
       values ($1, $2, 'active', nextval('silo_incarnations'), 'UTC', 'en', '{EU}', 24, now())`,
      [tenant, name],
    );
    for (const [who, email, isVerified] of contacts) {
      await set.asOwner(
        `insert into silo_contacts (id, tenant_id, name, email, role, is_verified) values ($1, $2, $3, $4, 'security', $5)`,
        [randomUUID(), tenant, who, email, isVerified],
      );
    }
  }

  const missing = (): Promise<readonly string[]> =>
    set.db.database.transaction(system('incident-sweep'), (tx) => state.missing(tx, incidentId));

  async function decideToNotify(): Promise<void> {
    await set.asOwner(
      `insert into notification_decisions (incident_id, tenant_id, decision, reason, author_id, author_name, decided_at)
       values ($1, 'acme', 'notify', 'because', $2, 'Ann', now())`,
      [incidentId, author.id],
    );
  }

  async function sent(): Promise<string> {
    const id = await desk.draft(author, incidentId, { tenant: 'acme', kind: 'first', facts: FACTS });
    const draft = await read.find(author, id);
    await approval.approve(approver, id, draft.contentHash);
    await until(async () => (await read.find(author, id)).state === 'sent', 'the notice to be sent');
    return id;
  }

  it('goes, after a second person approved what they read, to the verified contacts of its silo alone', async () => {
    await decideToNotify();
    expect(await missing()).toEqual(['No notice to acme has been approved and sent']);
    const id = await desk.draft(author, incidentId, { tenant: 'acme', kind: 'first', facts: {} });
    const draft = await read.find(author, id);
    expect(draft.facts['contact']).toContain('security@example.test');
    expect(draft.missingFacts).toContain('What happened');
    await expect(approval.approve(approver, id, draft.contentHash)).rejects.toMatchObject({
      code: 'NOTICE_FACTS_MISSING',
    });

    await desk.edit(author, id, FACTS, draft.version);
    await expect(approval.approve(approver, id, draft.contentHash)).rejects.toMatchObject({
      code: 'NOTICE_CONTENT_CHANGED',
    });
    const ready = await read.find(author, id);
    await expect(approval.approve(author, id, ready.contentHash)).rejects.toMatchObject({ code: 'NOTICE_OWN' });
    await approval.approve(approver, id, ready.contentHash);

    const [mail] = await expectMails(contact, 1);
    expect(mail?.subject).toBe('Security incident concerning Acme (INC-2026-0042)');
    expect(mail?.text).toContain('What happened: as known.');
    expect(mail?.text).not.toMatch(/globex/i);
    await until(async () => (await read.find(author, id)).state === 'sent', 'the notice to be sent');
    const done = await read.find(author, id);
    expect(done.deliveries).toHaveLength(1);
    expect(done.deliveries[0]).toMatchObject({ state: 'sent', messageId: mail?.messageId?.replace(/[<>]/g, '') });
    expect(done.deliveries[0]?.answer).toMatch(/^250/);
    expect(await missing()).toEqual([]);
    const entries = await set.timelineOf(incidentId);
    expect(entries[0]?.text).toContain(`SHA-256 ${ready.contentHash}`);
    await expect(approval.approve(approver, id, ready.contentHash)).rejects.toMatchObject({ code: 'NOTICE_NOT_DRAFT' });
    expect(await mailsOf(contact)).toHaveLength(1);
  });

  it('that names another customer is stopped until two people say why it may', async () => {
    const facts = { ...FACTS, whatHappened: 'As with Globex Europe, somebody signed in.' };
    const id = await desk.draft(author, incidentId, { tenant: 'acme', kind: 'first', facts });
    const draft = await read.find(author, id);
    expect(draft.leaks).toEqual([{ field: 'whatHappened', words: 'globex europe' }]);
    await expect(approval.approve(approver, id, draft.contentHash)).rejects.toMatchObject({
      code: 'NOTICE_NAMES_OTHERS',
    });
    await desk.override(author, id, draft.contentHash, 'It is the name of a mountain');
    await expect(approval.approve(approver, id, draft.contentHash)).rejects.toMatchObject({
      code: 'NOTICE_NAMES_OTHERS',
    });
    await desk.override(approver, id, draft.contentHash, 'It is the name of a mountain');
    await approval.approve(approver, id, draft.contentHash);
    await expectMails(contact, 1);
  });

  it('is confirmed on its page, which speaks of nobody else', async () => {
    const id = await sent();
    const [mail] = await expectMails(contact, 1);
    const link = /https:\/\/silowatch\.test(\/notice\/\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
    Logger.overrideLogger(false);
    const app = await NestFactory.create<NestExpressApplication>({
      module: LinkModule,
      controllers: [NoticeLinkController],
      providers: [
        { provide: NoticePage, useValue: page },
        { provide: NoticeTexts, useValue: await NoticeTexts.load() },
      ],
    });
    await app.listen(0, '127.0.0.1');
    set.onClose(() => app.close());
    const url = `${await app.getUrl()}${link}`;
    const shown = await (await fetch(url)).text();
    expect(shown).toContain('Confirm that we have received this notice');
    expect(shown).not.toMatch(/globex/i);
    expect((await read.find(author, id)).deliveries[0]?.receivedAt).toBeNull();
    expect(await (await fetch(url, { method: 'POST' })).text()).toContain('Receipt confirmed');
    expect((await read.find(author, id)).deliveries[0]?.receivedAt).not.toBeNull();
    expect((await set.timelineOf(incidentId))[0]?.text).toContain('confirmed receipt');
    expect((await fetch(`${url}x`)).status).toBe(404);
  });

  it('that bounces says so, is dealt with by a person, and a bounce nobody could have signed changes nothing', async () => {
    await decideToNotify();
    const id = await sent();
    const delivery = (await read.find(author, id)).deliveries[0]!;
    const bounce = (to: string): Buffer =>
      Buffer.from(
        `Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.test\r\nTo: <${to}>\r\nContent-Type: multipart/report; boundary=B\r\n\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n--B--\r\n`,
      );
    const forged = signedTag(new SealedBox(Buffer.alloc(32, 9)), 'notice-bounce', delivery.id);
    await inbox.deliver(bounce(tagged(set.mailer.returnAddress, forged)));
    expect((await read.find(author, id)).deliveries[0]?.state).toBe('sent');

    const real = tagged(set.mailer.returnAddress, signedTag(box, 'notice-bounce', delivery.id));
    await inbox.deliver(bounce(real));
    expect((await read.find(author, id)).deliveries[0]).toMatchObject({
      state: 'bounced',
      answer: '5.1.1 550 no such user',
    });
    expect(await missing()).toEqual(['1 mail(s) to acme did not arrive: reach them otherwise and say how']);
    const [job] = await set.asOwner<{ n: number }>(
      `select count(*)::int as n from timeline_entries where text like '%bounced: 5.1.1 550 no such user'`,
    );
    expect(job?.n).toBe(1);
    await followUp.dealWith(author, delivery.id, 'Called Anna Berg, who confirmed by telephone');
    expect(await missing()).toEqual([]);
  });
});
