import fc from 'fast-check';
import { loadMailTemplate, type MailTemplate } from '../../../src/platform/mail/mail-template.js';
import { parseInbound } from '../../../src/platform/mail/parse-mail.js';
import { mayApprove } from '../../../src/notices/approval.js';
import { cleanFacts, FACT_FIELDS, missingFacts } from '../../../src/notices/fact-fields.js';
import { findLeaks, type OtherSilo } from '../../../src/notices/find-leaks.js';
import { NOTICE_KINDS } from '../../../src/notices/notice.js';
import { readBounce } from '../../../src/notices/read-bounce.js';
import { addressed, renderNotice, type NoticeContent } from '../../../src/notices/render-notice.js';

const facts = Object.fromEntries(FACT_FIELDS.map(({ key, label }) => [key, `About: ${label}.\nSecond line.`]));
const content: NoticeContent = {
  kind: 'first',
  reference: 'INC-2026-0042',
  siloName: 'Acme & Sons',
  company: 'Example GmbH',
  facts,
};
const recipients = [{ address: 'anna@acme.example' }];

describe('the facts of a notice', () => {
  it.each([
    ['first', ['whatHappened', 'dataCategories', 'peopleAndRecords', 'likelyConsequences', 'measuresTaken', 'contact']],
    ['retraction', ['whatWasWrong', 'contact']],
  ] as const)('of the kind %s lack, when empty, what GDPR art. 33(3) lists', (kind, keys) => {
    const missing = missingFacts(kind, {});
    const labels = FACT_FIELDS.filter(({ key }) => (keys as readonly string[]).includes(key)).map(({ label }) => label);
    expect(missing).toEqual(expect.arrayContaining(labels));
    expect(missingFacts(kind, facts)).toEqual([]);
  });

  it('keep nothing that the kind does not show', () => {
    expect(Object.keys(cleanFacts('retraction', { ...facts, other: 'x' }))).toEqual(['whatWasWrong', 'contact']);
  });
});

describe('a rendered notice', () => {
  let template: MailTemplate;
  beforeAll(async () => {
    template = await loadMailTemplate(new URL('../../../src/notices/templates/', import.meta.url), 'notice');
  });

  it.each(NOTICE_KINDS)('of the kind %s says everything in HTML and in text, and leaves no hole', (kind) => {
    const mail = renderNotice(template, { ...content, kind, facts: cleanFacts(kind, facts) }, recipients);
    for (const text of Object.values(cleanFacts(kind, facts))) expect(mail.text).toContain(text);
    expect(mail.html).toContain('Acme &amp; Sons');
    expect(`${mail.subject}${mail.html}${mail.text}`).not.toMatch(/\{\{|\}\}|undefined|\[object/);
    expect(mail.text).not.toMatch(/\n{4}/);
    expect(mail.text.split('\n').every((line) => line.length <= 120)).toBe(true);
  });

  it('is the same for the same content, and its hash changes with a letter or a recipient', () => {
    const mail = renderNotice(template, content, recipients);
    expect(renderNotice(template, content, recipients)).toEqual(mail);
    const changed = { ...content, facts: { ...facts, contact: 'Somebody else' } };
    expect(renderNotice(template, changed, recipients).hash).not.toBe(mail.hash);
    expect(renderNotice(template, content, [{ address: 'other@acme.example' }]).hash).not.toBe(mail.hash);
  });

  it('shows markup in a fact as text', () => {
    const mail = renderNotice(
      template,
      { ...content, facts: { ...facts, whatHappened: '<img src=x onerror=alert(1)>' } },
      [],
    );
    expect(mail.html).not.toContain('<img src');
  });

  it('gets the recipient’s own link in both forms', () => {
    const mail = addressed(renderNotice(template, content, recipients), 'https://silowatch.test/notice/TOKEN');
    expect(mail.html).toContain('href="https://silowatch.test/notice/TOKEN"');
    expect(mail.text).toContain('https://silowatch.test/notice/TOKEN');
    expect(mail.html + mail.text).not.toContain('notice.invalid');
  });
});

describe('the check for other customers', () => {
  const own: OtherSilo = {
    tenant: 'acme',
    name: 'Acme',
    contacts: [{ name: 'Anna Berg', email: 'anna@acme.example' }],
  };
  const globex: OtherSilo = {
    tenant: 'globex-eu',
    name: 'Globex Europe',
    contacts: [
      { name: 'Bob Stone', email: 'bob@globex.example' },
      { name: 'Cy', email: 'cy@gmail.com' },
    ],
  };
  const leaks = (text: string): readonly string[] =>
    findLeaks({ whatHappened: text }, [globex], own).map(({ words }) => words);

  it.each([
    ['as we also told Globex Europe, it', 'globex europe'],
    ['host globex-eu.app.example.com', 'globex-eu'],
    ['ask bob@globex.example', 'bob@globex.example'],
    ['the domain GLOBEX.EXAMPLE', 'globex.example'],
    ['Bob  Stone called', 'bob stone'],
    ['Globex\u200b \u00a0Europe', 'globex europe'],
    ['Ｇｌｏｂｅｘ Ｅｕｒｏｐｅ', 'globex europe'],
    ['globex\u2011eu', 'globex-eu'],
  ])('finds a name in “%s”', (text, words) => {
    expect(leaks(text)).toContain(words);
  });

  it.each(['Acme and anna@acme.example', 'globexeuropean matters', 'write to cyber@gmail.com', 'Cy and others', ''])(
    'finds none in “%s”',
    (text) => {
      expect(leaks(text)).toEqual([]);
    },
  );

  it('finds a name wherever it stands between other words', () => {
    const filler = fc.stringMatching(/^[ ,.;!?\n-]{1,5}$/);
    fc.assert(
      fc.property(filler, filler, (before, after) => {
        expect(leaks(`x${before}globex europe${after}x`)).toContain('globex europe');
      }),
    );
  });
});

describe('an approval', () => {
  const draft = { state: 'draft' as const, editors: [{ id: 'a', name: 'Ann' }], overrides: [] };
  const fine = { hash: 'h', missing: [], leaks: [] };
  const bob = { id: 'b', name: 'Bob' };
  const leak = [{ field: 'x', words: 'globex' }];
  const override = (id: string, contentHash: string) => ({ person: { id, name: id }, reason: 'r', contentHash });

  it.each([
    ['by a second person who read it', draft, fine, bob, 'h', 'ok'],
    ['by its author', draft, fine, { id: 'a', name: 'Ann' }, 'h', 'NOTICE_OWN'],
    ['of content that changed since', draft, fine, bob, 'older', 'NOTICE_CONTENT_CHANGED'],
    ['with a fact missing', draft, { ...fine, missing: ['x'] }, bob, 'h', 'NOTICE_FACTS_MISSING'],
    ['of what went out already', { ...draft, state: 'queued' as const }, fine, bob, 'h', 'NOTICE_NOT_DRAFT'],
    ['with another customer named', draft, { ...fine, leaks: leak }, bob, 'h', 'NOTICE_NAMES_OTHERS'],
    [
      'with one override',
      { ...draft, overrides: [override('a', 'h')] },
      { ...fine, leaks: leak },
      bob,
      'h',
      'NOTICE_NAMES_OTHERS',
    ],
    [
      'with two overrides by one person',
      { ...draft, overrides: [override('a', 'h'), override('a', 'h')] },
      { ...fine, leaks: leak },
      bob,
      'h',
      'NOTICE_NAMES_OTHERS',
    ],
    [
      'with an override of older content',
      { ...draft, overrides: [override('a', 'h'), override('c', 'old')] },
      { ...fine, leaks: leak },
      bob,
      'h',
      'NOTICE_NAMES_OTHERS',
    ],
    [
      'with two people’s overrides',
      { ...draft, overrides: [override('a', 'h'), override('c', 'h')] },
      { ...fine, leaks: leak },
      bob,
      'h',
      'ok',
    ],
  ])('%s: the answer is right', (_title, notice, now, who, seen, expected) => {
    const answer = mayApprove(notice, now, who, seen);
    expect(answer.ok ? 'ok' : answer.code).toBe(expected);
  });
});

describe('a mail at a delivery’s return address', () => {
  const report = (body: string): Buffer =>
    Buffer.from(
      [
        'Return-Path: <>',
        'From: MAILER-DAEMON@mx.example',
        'Content-Type: multipart/report; report-type=delivery-status; boundary=B',
        '',
        '--B',
        'Content-Type: text/plain',
        '',
        'Sorry.',
        '--B',
        'Content-Type: message/delivery-status',
        '',
        body,
        '--B--',
        '',
      ].join('\r\n'),
    );

  it('with a report (RFC 3464) tells action, status and diagnosis', async () => {
    const body =
      'Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no\r\n such user\r\n';
    expect(readBounce(await parseInbound(report(body)))).toEqual({
      action: 'failed',
      status: '5.1.1',
      diagnostic: '550 5.1.1 no such user',
    });
  });

  it('that says delayed is no failure', async () => {
    expect(readBounce(await parseInbound(report('\r\nAction: delayed\r\nStatus: 4.4.1\r\n')))?.action).toBe('delayed');
  });

  it('without a report is a failure when its sender is null, and nothing when it is a holiday answer', async () => {
    const bare = await parseInbound(Buffer.from('Return-Path: <>\r\nSubject: Undelivered\r\n\r\nx'));
    expect(readBounce(bare)).toEqual({ action: 'failed', status: null, diagnostic: 'Undelivered' });
    const holiday = await parseInbound(Buffer.from('Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n\r\naway'));
    expect(readBounce(holiday)).toBeUndefined();
  });
});
