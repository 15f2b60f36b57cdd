import { testService, type TestService } from '../../harness/service.js';

describe('what can be opened without an account', () => {
  let service: TestService;
  let url: string;
  beforeEach(async () => {
    service = await testService({ env: { COMPANY_NAME: 'Example GmbH', SECURITY_ADDRESS: 'security@example.test' } });
    url = service.url;
  });
  afterEach(() => service.stop());

  it('is security.txt (RFC 9116)', async () => {
    const response = await fetch(`${url}/.well-known/security.txt`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toMatch(/^Contact: mailto:security@example\.test\n/);
  });

  it('is the form for reports, whose answer is the report’s own page, without scripts, caching or indexing', async () => {
    const form = await fetch(`${url}/report`);
    expect(form.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await form.text()).toContain('Report a weakness to Example GmbH');
    const body = new URLSearchParams({ email: 'ann@researcher.test', subject: '<b>XSS</b>', text: 'Here: {{number}}' });
    // A page under Referrer-Policy: no-referrer posts with this origin.
    const sent = await fetch(`${url}/report`, { method: 'POST', body, headers: { Origin: 'null' } });
    expect(sent.headers.get('cache-control')).toBe('no-store');
    expect(sent.headers.get('x-robots-tag')).toContain('noindex');
    const page = await sent.text();
    expect(page).toContain('&lt;b&gt;XSS');
    expect(page).toContain('Here: {{number}}');
    const link = /\/report\/[\w-]{43}/.exec(page.replaceAll('&#x2F;', '/'))?.[0] ?? '';
    expect(link).not.toBe('');
    expect((await fetch(`${url}${link}`)).status).toBe(200);
    expect(service.logLines.join('')).not.toContain(link);
  });

  it.each(['/page', '/notice', '/report'])('is nothing below %s with a link that is not known', async (path) => {
    const response = await fetch(`${url}${path}/${'x'.repeat(43)}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('not valid');
  });

  it.each(['/api/reports', '/api/notices', '/api/pages', '/api/on-call'])('is not %s', async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(401);
  });
});
