import fc from 'fast-check';
import {
  faultsOf,
  isAddress,
  oneLine,
  parseMailbox,
  tagged,
  tagOf,
  type Mail,
} from '../../../../src/platform/mail/mail.js';

const mail = (change: Partial<Mail>): Mail => ({
  kind: 'notice',
  messageId: 'a.b@example.test',
  to: { name: 'Anna', address: 'anna@example.test' },
  subject: 'Subject',
  text: 'Text',
  autoSubmitted: 'auto-generated',
  ...change,
});

describe('a mail’s headers', () => {
  it('are without fault for an ordinary mail', () => {
    expect(faultsOf(mail({ references: ['x@y'], returnPath: '' }))).toEqual([]);
  });

  it.each([
    ['subject', mail({ subject: 'Hi\r\nBcc: victim@example.test' })],
    ['to.name', mail({ to: { name: 'Anna\nBcc: v@example.test', address: 'anna@example.test' } })],
    ['to', mail({ to: { address: 'anna@example.test\r\nRCPT TO:<v@example.test>' } })],
    ['to', mail({ to: { address: 'anna@example.test, v@example.test' } })],
    ['returnPath', mail({ returnPath: 'a@b> SIZE=1' })],
    ['replyTo', mail({ replyTo: { address: '"a b"@example.test' } })],
    ['messageId', mail({ messageId: 'a b@example.test' })],
    ['inReplyTo', mail({ inReplyTo: 'x@y>\r\nX: 1' })],
    ['references', mail({ references: ['ok@y', 'not ok'] })],
  ])('with something smuggled into %s are refused', (field, hostile) => {
    expect(faultsOf(hostile).map((fault) => fault.field)).toEqual([field]);
  });

  it('never break a line, whatever text from outside becomes the subject', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(faultsOf(mail({ subject: oneLine(text) }))).toEqual([]);
        expect(Array.from(oneLine(text)).length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('an address', () => {
  it.each(['a@b', 'anna.b+tag@mail.example.com', 'ünal@exämple.de', "o'neil@example.ie"])('%s is one', (text) => {
    expect(isAddress(text)).toBe(true);
  });
  it.each(['', 'a', '@b', 'a@', 'a@b@c', 'a b@c', '<a@b>', 'a@b.', 'a@-b.c', 'a@[127.0.0.1]', `${'x'.repeat(65)}@b.c`])(
    '%j is none',
    (text) => {
      expect(isAddress(text)).toBe(false);
    },
  );
  it('is read from a configured mailbox with and without a name', () => {
    expect(parseMailbox('Security <s@example.com>')).toEqual({ name: 'Security', address: 's@example.com' });
    expect(parseMailbox('"Ex, Security" <s@example.com>')).toEqual({ name: 'Ex, Security', address: 's@example.com' });
    expect(parseMailbox('s@example.com')).toEqual({ address: 's@example.com' });
    expect(parseMailbox('nobody')).toBeUndefined();
  });
  it('gives back the tag that was put into it, and none for another mailbox', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9._-]{1,30}$/), (tag) => {
        expect(tagOf(tagged('bounces@example.com', tag), 'bounces@example.com')).toBe(tag);
        expect(tagOf(tagged('bounces@example.com', tag), 'other@example.com')).toBeUndefined();
      }),
    );
  });
});
