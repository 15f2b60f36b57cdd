import fc from 'fast-check';
import { mayAcknowledge } from '../../../src/disclosure/may-acknowledge.js';
import { reportClocks } from '../../../src/disclosure/report-clocks.js';
import { canBecome, isAssessed, REPORT_STATES, TRANSITIONS } from '../../../src/disclosure/report-states.js';
import { securityTxt } from '../../../src/disclosure/security-txt.js';
import { parseInbound } from '../../../src/platform/mail/parse-mail.js';

const own = { securityAddress: 'security@example.com', addresses: ['silowatch@example.com'] };
const now = new Date('2026-11-23T10:00:00Z');
const GOOD: Record<string, string> = {
  'Return-Path': '<ann@researcher.test>',
  From: 'Ann <ann@researcher.test>',
  To: 'security@example.com',
  Subject: 'A weakness',
};

async function answer(change: Record<string, string | undefined>, receivedAt = now): Promise<string> {
  const headers = { ...GOOD, ...change };
  const text = Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value ?? ''}`)
    .join('\r\n');
  const mail = await parseInbound(Buffer.from(`${text}\r\n\r\nHello`));
  const found = mayAcknowledge(mail, own, { receivedAt, now });
  return found.ok ? `to ${found.to}` : found.why;
}

describe('an automatic answer (RFC 3834)', () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    ['goes to the Return-Path', {}, 'to ann@researcher.test'],
    ['goes to the Return-Path, not to From', { From: 'victim@other.test' }, 'to ann@researcher.test'],
    ['goes out for a plus-address of ours', { To: 'security+tag@example.com' }, 'to ann@researcher.test'],
    ['goes out for Auto-Submitted: no', { 'Auto-Submitted': 'no' }, 'to ann@researcher.test'],
    ['is not given without a Return-Path', { 'Return-Path': undefined }, 'no_return_path'],
    ['is not given to a Return-Path that is no address', { 'Return-Path': '<a b>' }, 'no_return_path'],
    ['is not given to the null sender', { 'Return-Path': '<>' }, 'null_sender'],
    ['is not given to an auto-reply', { 'Auto-Submitted': 'auto-replied' }, 'automatic'],
    ['is not given to a generated mail', { 'Auto-Submitted': 'auto-generated; owner-email="x@y"' }, 'automatic'],
    ['is not given to what says so in another case', { 'auto-submitted': 'AUTO-NOTIFIED' }, 'automatic'],
    ['is not given to an old kind of auto-reply', { 'X-Autoreply': 'yes' }, 'automatic'],
    ['is not given to a list', { 'List-Id': '<l.example.org>' }, 'mailing_list'],
    ['is not given to a newsletter', { 'List-Unsubscribe': '<mailto:u@x.test>' }, 'mailing_list'],
    ['is not given to bulk mail', { Precedence: 'bulk' }, 'bulk'],
    ['is not given to junk', { Precedence: 'Junk' }, 'bulk'],
    ['is not given where it is asked not to', { 'X-Auto-Response-Suppress': 'OOF, AutoReply' }, 'suppressed'],
    ['is not given to MAILER-DAEMON', { 'Return-Path': '<MAILER-DAEMON@x.test>' }, 'machine_address'],
    ['is not given to a list’s owner', { 'Return-Path': '<owner-list@x.test>' }, 'machine_address'],
    ['is not given to list-request', { 'Return-Path': '<list-request@x.test>' }, 'machine_address'],
    ['is not given to no-reply', { 'Return-Path': '<no-reply@x.test>' }, 'machine_address'],
    ['is not given to another’s bounce address', { 'Return-Path': '<bounces+x=y@x.test>' }, 'machine_address'],
    ['is not given to a delivery report', { 'Content-Type': 'multipart/report; boundary=b' }, 'delivery_report'],
    ['is not given to blind copies', { To: 'other@x.test' }, 'not_addressed_to_us'],
    ['is not given to ourselves', { 'Return-Path': '<security@example.com>' }, 'own_mail'],
    ['is not given to our own bounce address', { 'Return-Path': '<silowatch+x@example.com>' }, 'own_mail'],
    ['is not given to a mail in our name', { From: 'Security@Example.com' }, 'own_mail'],
  ])('%s', async (_title, change, expected) => {
    expect(await answer(change)).toBe(expected);
  });

  it('is not given to mail that lay in the mailbox for more than a day', async () => {
    expect(await answer({}, new Date(now.getTime() - 25 * 3_600_000))).toBe('too_old');
  });

  it('is never given to anything that says it is automatic, whatever else it says', async () => {
    const marks = fc.constantFrom<Record<string, string>>(
      { 'Auto-Submitted': 'auto-replied' },
      { 'List-Post': '<x>' },
      { Precedence: 'list' },
      { 'Return-Path': '<>' },
    );
    await fc.assert(
      fc.asyncProperty(marks, fc.stringMatching(/^[A-Za-z ]{0,20}$/), async (mark, subject) => {
        expect(await answer({ Subject: subject, ...mark })).not.toMatch(/^to /);
      }),
    );
  });
});

describe('a report’s states', () => {
  it('can all be reached from new, and none is a dead end', () => {
    const reached = new Set<string>(['new']);
    for (let before = 0; before !== reached.size;) {
      before = reached.size;
      for (const from of REPORT_STATES) if (reached.has(from)) TRANSITIONS[from].forEach((to) => reached.add(to));
    }
    expect([...reached].toSorted()).toEqual([...REPORT_STATES].toSorted());
    expect(REPORT_STATES.filter((state) => TRANSITIONS[state].length === 0)).toEqual([]);
  });

  it.each([
    ['new', 'fixed', false],
    ['new', 'triaged', true],
    ['acknowledged', 'new', false],
    ['triaged', 'accepted', true],
    ['fixed', 'disclosed', true],
    ['accepted', 'disclosed', false],
    ['duplicate', 'triaged', true],
  ] as const)('go from %s to %s: %s', (from, to, expected) => {
    expect(canBecome(from, to)).toBe(expected);
  });

  it('count as assessed only once somebody has judged', () => {
    expect(REPORT_STATES.filter((state) => !isAssessed(state))).toEqual(['new', 'acknowledged', 'needs_information']);
  });
});

describe('a report’s clocks', () => {
  const receivedAt = new Date('2026-11-20T10:00:00Z');
  const report = {
    receivedAt,
    answeredAt: null,
    assessedAt: null,
    pausedSince: null,
    pausedMs: 0,
    state: 'new' as const,
  };
  const later = (hours: number): Date => new Date(receivedAt.getTime() + hours * 3_600_000);

  it('run 24 hours to an answer and 5 days to an assessment', () => {
    const [answered, assessed] = reportClocks(report, later(12));
    expect(answered).toMatchObject({ dueAt: later(24), state: 'running', fractionElapsed: 0.5 });
    expect(assessed).toMatchObject({ dueAt: later(120), state: 'running', fractionElapsed: 0.1 });
  });

  it('are missed when late, also when met later', () => {
    expect(reportClocks(report, later(25))[0]?.state).toBe('missed');
    expect(reportClocks({ ...report, answeredAt: later(30) }, later(40))[0]?.state).toBe('missed');
    expect(reportClocks({ ...report, answeredAt: later(23) }, later(40))[0]?.state).toBe('met');
  });

  it('stand still while the reporter is asked', () => {
    const asked = { ...report, answeredAt: later(1), pausedSince: later(24), state: 'needs_information' as const };
    expect(reportClocks(asked, later(500))[1]).toMatchObject({ state: 'running', fractionElapsed: 0.2 });
    const resumed = { ...asked, pausedSince: null, pausedMs: 476 * 3_600_000 };
    expect(reportClocks(resumed, later(500))[1]).toMatchObject({ dueAt: later(120 + 476), fractionElapsed: 0.2 });
  });

  it('do not run for spam', () => {
    expect(reportClocks({ ...report, state: 'spam' }, later(1))).toEqual([]);
  });
});

describe('security.txt (RFC 9116)', () => {
  it('names contact and expiry, once each as the RFC asks', () => {
    const parts = {
      address: 's@x.test',
      formUrl: 'https://x.test/report',
      canonicalUrl: 'https://x.test/c',
      policyUrl: undefined,
    };
    const text = securityTxt(parts, now);
    expect(text).toContain('Contact: mailto:s@x.test\n');
    expect(text.match(/^Expires: (.+)$/gm)).toEqual(['Expires: 2027-05-22T00:00:00Z']);
  });
});
