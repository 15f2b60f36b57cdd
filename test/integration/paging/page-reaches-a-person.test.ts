import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Staff } from '../../../src/access/staff.js';
import { incidentOpened } from '../../../src/incidents/incident-jobs.js';
import { AcknowledgementService } from '../../../src/paging/acknowledgement.service.js';
import { PageLinkController } from '../../../src/paging/page-link.controller.js';
import type { PageView } from '../../../src/paging/paging.schema.js';
import { PagingTexts } from '../../../src/paging/paging-texts.js';
import { system } from '../../../src/platform/database/scope.js';
import { PublicUrl } from '../../../src/platform/http/public-url.js';
import { addJob } from '../../../src/platform/jobs/jobs.js';
import { expectMails, mailsOf, testAddress, until } from '../mail/mailbox.js';
import { PagingSet } from './paging-set.js';

@Module({})
class LinkModule {}

const linkOf = (text: string | undefined): string =>
  /https:\/\/silowatch\.test(\/page\/\S+)/.exec(text ?? '')?.[1] ?? '';

const pagesSeenBy = async (set: PagingSet, staff: Staff, incident?: string): Promise<readonly PageView[]> =>
  (await set.onCall.list(staff, { incident, limit: 50 })).items;

describe('an incident', () => {
  let set: PagingSet;
  beforeEach(async () => {
    set = await PagingSet.open();
    await set.startJobs();
  });
  afterEach(() => set.close());

  /** The routes of the link, served for real. */
  async function serveLinks(): Promise<string> {
    Logger.overrideLogger(false);
    const app = await NestFactory.create<NestExpressApplication>({
      module: LinkModule,
      controllers: [PageLinkController],
      providers: [
        { provide: AcknowledgementService, useValue: set.acknowledgement },
        { provide: PagingTexts, useValue: set.texts },
        { provide: PublicUrl, useValue: set.publicUrl },
      ],
    });
    await app.listen(0, '127.0.0.1');
    set.onClose(() => app.close());
    return app.getUrl();
  }

  it('pages the person on call, the next one when that one is silent, and the last resort until somebody acknowledges by the link', async () => {
    const people = ['ann', 'bob', 'cto'].map((name) => testAddress(name));
    const [ann, bob, cto] = await Promise.all(
      people.map((address, i) => set.addStaff(['Ann', 'Bob', 'Cleo'][i] ?? '', address, ['responder'])),
    );
    await set.addPolicy(ann!, bob!, cto!);
    const incidentId = await set.addIncident();
    await set.db.database.transaction(system('correlate'), (tx) => addJob(tx, incidentOpened, { incidentId }));

    const [first] = await expectMails(people[0]!, 1);
    expect(first?.subject).toBe('[PAGE] INC-2026-0012 SEV1');
    expect(`${first?.text ?? ''}${String(first?.html)}`).not.toMatch(/acme|A title/);
    expect(first?.headers.get('priority')).toBe('high');

    set.clock.advanceMs(4 * 60_000);
    await set.escalation.sweep();
    expect(await mailsOf(people[1]!)).toEqual([]);

    set.clock.advanceMs(60_000);
    await set.escalation.sweep();
    await expectMails(people[1]!, 1);
    for (const [index, minutes] of [10, 15, 15].entries()) {
      set.clock.advanceMs(minutes * 60_000);
      await set.escalation.sweep();
      await expectMails(people[2]!, index + 1);
    }
    const last = await expectMails(people[2]!, 3);
    expect(last.map((mail) => mail.references)).toEqual(Array(3).fill(`<pages.${incidentId}@example.test>`));

    const url = await serveLinks();
    const link = linkOf(last[2]?.text);
    const looked = await fetch(`${url}${link}`);
    expect(await looked.text()).toContain('Nobody has acknowledged this page yet');
    expect((await set.timelineOf(incidentId)).some(({ text }) => text.includes('acknowledged'))).toBe(false);

    const posted = await fetch(`${url}${link}`, { method: 'POST' });
    expect(posted.status).toBe(200);
    expect(posted.headers.get('cache-control')).toBe('no-store');
    expect(await posted.text()).toContain('Acknowledged by Cleo');
    expect((await set.timelineOf(incidentId))[0]?.text).toBe('Cleo acknowledged the page by the link in the mail');

    set.clock.advanceMs(20 * 60_000);
    await set.escalation.sweep();
    expect(await mailsOf(people[2]!)).toHaveLength(3);
    const [incident] = await set.asOwner<{ acknowledged_at: Date | null }>(
      'select acknowledged_at from incidents where id = $1',
      [incidentId],
    );
    expect(incident?.acknowledged_at).not.toBeNull();
  });

  it('is paged anew when nobody works on it after the acknowledgement, and not while somebody does', async () => {
    const address = testAddress('ann');
    const ann = await set.addStaff('Ann', address);
    await set.addPolicy(ann, ann, ann);
    const incidentId = await set.addIncident();
    await set.escalation.start(incidentId, 'opened');
    await expectMails(address, 1);
    const [page] = await pagesSeenBy(set, ann, incidentId);
    await set.acknowledgement.byStaff(ann, page!.id);

    set.clock.advanceMs(20 * 60_000);
    await set.db.database.transaction(system('correlate'), (tx) =>
      set.timeline.append(tx, {
        incidentId,
        tenant: null,
        at: set.clock.now(),
        kind: 'note',
        actor: { kind: 'staff', id: ann.id },
        text: 'looking',
      }),
    );
    set.clock.advanceMs(15 * 60_000);
    await set.escalation.sweep();
    expect(await pagesSeenBy(set, ann, incidentId)).toHaveLength(1);

    set.clock.advanceMs(20 * 60_000);
    await set.escalation.sweep();
    const mails = await expectMails(address, 2);
    expect(mails[1]?.text).toContain('Nobody has worked on this incident for a while.');
  });

  it('gets one page, marked late, after an outage of many steps', async () => {
    const [ann, bob] = [testAddress('ann'), testAddress('bob')];
    const first = await set.addStaff('Ann', ann);
    const second = await set.addStaff('Bob', bob);
    await set.addPolicy(first, second, second);
    const incidentId = await set.addIncident();
    await set.escalation.start(incidentId, 'opened');
    await expectMails(ann, 1);
    set.clock.advanceMs(3 * 60 * 60_000);
    await set.escalation.sweep();
    await set.escalation.sweep();
    const mails = await expectMails(bob, 1);
    expect(mails.map(({ subject }) => subject)).toEqual(['[PAGE] INC-2026-0012 SEV1 (late)']);
  });

  it('that is settled pages nobody any more, and a link of it says so', async () => {
    const address = testAddress('ann');
    const ann = await set.addStaff('Ann', address);
    await set.addPolicy(ann, ann, ann);
    const incidentId = await set.addIncident();
    await set.escalation.start(incidentId, 'opened');
    const [mail] = await expectMails(address, 1);
    await set.escalation.settle(incidentId);
    const url = await serveLinks();
    expect(await (await fetch(`${url}${linkOf(mail?.text)}`, { method: 'POST' })).text()).toContain(
      'This page is over',
    );
    expect((await fetch(`${url}/page/${'x'.repeat(43)}`)).status).toBe(404);
    const [page] = await pagesSeenBy(set, ann, incidentId);
    expect(page).toMatchObject({ state: 'expired', acknowledgedBy: null });
  });

  it('pages everybody who may acknowledge while no policy is set up', async () => {
    const address = testAddress('ann');
    await set.addStaff('Ann', address);
    await set.addStaff('Viewer', testAddress('viewer'), ['viewer']);
    const incidentId = await set.addIncident();
    await set.escalation.start(incidentId, 'opened');
    await expectMails(address, 1);
    const attempts = await set.asOwner('select 1 from page_attempts');
    expect(attempts).toHaveLength(1);
  });

  it('that got worse before anybody was paged is paged as opened, once', async () => {
    const address = testAddress('ann');
    const ann = await set.addStaff('Ann', address, ['responder']);
    await set.addPolicy(ann, ann, ann);
    const incidentId = await set.addIncident();
    // In the order in which they run when the first try of the former has failed.
    await set.escalation.worsen(incidentId, false);
    await set.escalation.start(incidentId, 'opened');
    const [mail] = await expectMails(address, 1);
    expect(mail?.text).not.toMatch(/again/);
    const pages = await set.db.database.transaction(system('paging'), (tx) =>
      tx.query('select cause, state from pages'),
    );
    expect(pages).toEqual([{ cause: 'opened', state: 'sent' }]);
  });

  it('of old events that got worse before anybody was paged joins the page of another such one', async () => {
    const address = testAddress('ann');
    const ann = await set.addStaff('Ann', address, ['responder']);
    await set.addPolicy(ann, ann, ann);
    const first = await set.addIncident('INC-2026-0001');
    await set.escalation.start(first, 'opened', '', true);
    const second = await set.addIncident('INC-2026-0002');
    await set.escalation.worsen(second, true);
    const pages = await set.db.database.transaction(system('paging'), (tx) =>
      tx.query('select number, cause, record_at from pages'),
    );
    expect(pages).toEqual([{ number: 'INC-2026-0001', cause: 'opened', record_at: null }]);
  });

  it('of old events is paged itself when the one whose page stood for it needs nobody any more', async () => {
    const address = testAddress('ann');
    const ann = await set.addStaff('Ann', address, ['responder']);
    await set.addPolicy(ann, ann, ann);
    const first = await set.addIncident('INC-2026-0001');
    const second = await set.addIncident('INC-2026-0002');
    await set.escalation.start(first, 'opened', '', true);
    await set.escalation.start(second, 'opened', '', true);
    await expectMails(address, 1);
    await set.escalation.settle(first);
    const mails = await expectMails(address, 2);
    expect(mails.map(({ subject = '' }) => /INC-\d+-\d+/.exec(subject)?.[0]).sort()).toEqual([
      'INC-2026-0001',
      'INC-2026-0002',
    ]);
  });

  it('of old events joins the page of another such one', async () => {
    const address = testAddress('ann');
    const ann = await set.addStaff('Ann', address);
    const first = await set.addIncident('INC-2026-0001');
    const second = await set.addIncident('INC-2026-0002');
    await set.escalation.start(first, 'opened', '', true);
    await set.escalation.start(second, 'opened', '', true);
    const [mail] = await expectMails(address, 1);
    expect(mail?.text).toContain('Old events were read just now.');
    expect(await pagesSeenBy(set, ann)).toHaveLength(1);
    expect((await set.timelineOf(second))[0]?.text).toContain('the one of INC-2026-0001 stands for it');
  });

  it('whose sender died before it could say so goes out again under the same Message-ID, and the record says that it may have come twice', async () => {
    const address = testAddress('ann');
    await set.addStaff('Ann', address);
    const incidentId = await set.addIncident();
    await set.escalation.start(incidentId, 'opened');
    const [first] = await expectMails(address, 1);
    await until(
      async () => (await set.asOwner(`select 1 from page_attempts where state = 'sent'`)).length === 1,
      'the first try is settled',
    );
    const [attempt] = await set.asOwner<{ id: string }>(
      `update page_attempts set state = 'queued', claimed_at = claimed_at - interval '2 minutes' returning id`,
    );
    await set.sender.send(attempt?.id ?? '', false);
    const mails = await expectMails(address, 2);
    expect(new Set(mails.map(({ messageId }) => messageId))).toEqual(new Set([first?.messageId]));
    const texts = (await set.timelineOf(incidentId)).map(({ text }) => text);
    expect(texts).toContainEqual(expect.stringContaining('the mail may have come twice'));
  });

  it('keeps only the hash of a link', async () => {
    const address = testAddress('ann');
    await set.addStaff('Ann', address);
    await set.escalation.start(await set.addIncident(), 'opened');
    const [mail] = await expectMails(address, 1);
    const token = linkOf(mail?.text).replace('/page/', '');
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    const rows = await set.asOwner<{ hash: string }>('select hash from page_tokens');
    expect(rows.map(({ hash }) => hash)).not.toContain(token);
  });
});

describe('a mail server that is down', () => {
  let set: PagingSet;
  beforeEach(async () => {
    // A port nobody listens on.
    set = await PagingSet.open('smtp://127.0.0.1:9');
  });
  afterEach(() => set.close());

  it('leaves the attempt’s failure on record and lets the next step follow at once', async () => {
    const ann = await set.addStaff('Ann', testAddress('ann'));
    const bob = await set.addStaff('Bob', testAddress('bob'));
    await set.addPolicy(ann, bob, bob);
    const incidentId = await set.addIncident();
    await set.escalation.start(incidentId, 'opened');
    const attempt = async (n: number): Promise<string> =>
      (await set.asOwner<{ id: string }>('select id from page_attempts order by created_at, id'))[n]?.id ?? '';
    await expect(set.sender.send(await attempt(0), false)).rejects.toThrow();
    await set.sender.send(await attempt(0), true);
    await set.escalation.sweep();
    const [page] = await pagesSeenBy(set, ann, incidentId);
    expect(page?.attempts.map(({ staffName, outcome }) => [staffName, outcome])).toEqual([
      ['Ann', 'failed'],
      ['Bob', 'queued'],
    ]);
    expect(page?.attempts[0]?.answer).toMatch(/ECONNREFUSED/);
    await until(
      async () => (await set.timelineOf(incidentId)).some(({ text }) => text.startsWith('Could not page Ann')),
      'the timeline',
    );
  });
});
