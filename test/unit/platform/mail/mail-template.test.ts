import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadMailTemplate, renderMail, type MailTemplate } from '../../../../src/platform/mail/mail-template.js';

describe('a mail template', () => {
  let folder: string;
  let template: MailTemplate;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'template-'));
    await writeFile(
      path.join(folder, 'hello.mjml'),
      '<mj-section><mj-column><mj-text>Dear {{name}},</mj-text></mj-column></mj-section>',
    );
    await writeFile(path.join(folder, 'hello.txt'), 'Subject: For {{name}}\n\nDear {{name}},\n\nBye.\n');
    template = await loadMailTemplate(pathToFileURL(`${folder}/`), 'hello');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('fills in text as it is and HTML escaped', () => {
    const mail = renderMail(template, { name: '<b>Ann & Co</b>' });
    expect(mail.text).toBe('Dear <b>Ann & Co</b>,\n\nBye.\n');
    expect(mail.html).toContain('Dear &lt;b&gt;Ann &amp; Co&lt;&#x2F;b&gt;,');
  });

  it('keeps the subject to one line whatever is filled in', () => {
    expect(renderMail(template, { name: 'x\r\nBcc: y' }).subject).toBe('For x Bcc: y');
  });

  it('takes nothing that is filled in for layout or for another hole', () => {
    const mail = renderMail(template, { name: '<mj-text>{{secret}}</mj-text>', secret: 'S3CRET' });
    expect(mail.html).not.toContain('S3CRET');
    expect(mail.html).not.toContain('<mj-text>');
  });

  it('loads nothing from other servers', () => {
    expect(renderMail(template, { name: 'x' }).html).not.toMatch(/(?:src|@import|<link)[^>]*https?:/);
  });
});
