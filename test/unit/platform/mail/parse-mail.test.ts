import fc from 'fast-check';
import { parseInbound } from '../../../../src/platform/mail/parse-mail.js';

const parts = (count: number): string =>
  `From: Ann <ann@example.test>\r\nSubject: Many\r\nMessage-ID: <m@x>\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n${'--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n'.repeat(count)}--B--\r\n`;

describe('a mail from outside', () => {
  it('gives its sender, subject, ids, text and hashed attachments', async () => {
    const raw = [
      'Return-Path: <bounce@example.test>',
      'From: "Ann B" <ann@example.test>',
      'To: Security <security+tag@example.com>',
      'Subject: =?utf-8?q?L=C3=BCcke?=',
      'Message-ID: <1@example.test>',
      'References: <a@x> <b@x>',
      'In-Reply-To: <b@x>',
      'Content-Type: multipart/mixed; boundary=B',
      '',
      '--B',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'See the file.',
      '--B',
      'Content-Type: application/zip; name="../../etc/poc.zip"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="../../etc/poc.zip"',
      '',
      'UEsDBA==',
      '--B--',
      '',
    ].join('\r\n');
    const mail = await parseInbound(Buffer.from(raw));
    expect(mail).toMatchObject({
      fault: null,
      from: { name: 'Ann B', address: 'ann@example.test' },
      recipients: ['security+tag@example.com'],
      returnPath: 'bounce@example.test',
      subject: 'Lücke',
      messageId: '1@example.test',
      inReplyTo: 'b@x',
      references: ['a@x', 'b@x'],
    });
    expect(mail.text.trim()).toBe('See the file.');
    expect(mail.attachments).toHaveLength(1);
    expect(mail.attachments[0]).toMatchObject({ contentType: 'application/zip', sizeBytes: 4 });
    expect(mail.attachments[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('with 1,000 parts is known by its headers alone', async () => {
    expect(await parseInbound(Buffer.from(parts(1000)))).toMatchObject({
      fault: 'too_many_parts',
      from: { address: 'ann@example.test' },
      subject: 'Many',
      messageId: 'm@x',
      text: '',
    });
  });

  it('with 300 parts is read', async () => {
    expect((await parseInbound(Buffer.from(parts(300)))).fault).toBeNull();
  });

  it('with the null sender says so, and without the header says nothing', async () => {
    expect((await parseInbound(Buffer.from('Return-Path: <>\r\nFrom: a@b\r\n\r\nx'))).returnPath).toBe('');
    expect((await parseInbound(Buffer.from('From: a@b\r\n\r\nx'))).returnPath).toBeNull();
  });

  it('of HTML alone is read as text', async () => {
    const mail = await parseInbound(
      Buffer.from('From: a@b\r\nContent-Type: text/html\r\n\r\n<p>Hi <b>you</b></p><script>alert(1)</script>'),
    );
    expect(mail.text).toContain('Hi you');
    expect(mail.text).not.toContain('<');
  });

  it('never makes reading it fail, whatever its octets are', async () => {
    const piece = fc.constantFrom(
      'From: ',
      'a@b',
      '\r\n',
      '\n',
      'Content-Type: multipart/mixed; boundary=',
      '--',
      'B',
      ' ',
      '"',
      '<',
      '>',
      '=?utf-8?b?',
      '?=',
      'Content-Transfer-Encoding: base64',
      ';',
      'Subject: ',
      '\0',
      'é',
      'message/rfc822',
      'References: ',
      'To: ',
      ',',
      ':',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 60 }), async (pieces) => {
        const mail = await parseInbound(Buffer.from(pieces.join('')));
        expect(mail.subject).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 150 },
    );
  });
});
