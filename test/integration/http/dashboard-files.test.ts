import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { dashboardFiles } from '../../../src/platform/http/dashboard-files.js';
import { requestContext } from '../../../src/platform/http/request-context.js';
import { securityHeaders } from '../../../src/platform/http/security-headers.js';
import { RandomIds } from '../../../src/platform/ids/ids.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';
import { HttpClient } from '../../harness/http-client.js';

describe('the built dashboard', () => {
  let folder: string;
  let server: Server;
  let browser: HttpClient;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'silowatch-dashboard-'));
    await mkdir(path.join(folder, 'assets'));
    await writeFile(
      path.join(folder, 'index.html'),
      '<script nonce="__CSP_NONCE__"></script><meta content="__CSP_NONCE__">',
    );
    await writeFile(path.join(folder, 'assets', 'index-abc123.js'), 'export {};');
    await writeFile(path.join(folder, '.secret'), 'hidden');
    const app = express();
    const files = await dashboardFiles(folder);
    const parts = {
      ids: new RandomIds(),
      clock: new SystemClock(),
      log: new PinoLog('silent'),
      metrics: new Metrics(),
    };
    app.use(requestContext(parts), ...securityHeaders(), files.assets);
    app.use((request, response) => {
      if (!files.page(request, response)) response.status(404).end();
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = new HttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it.each(['/', '/incidents/7', '/index.html', '/reports'])(
    'answers %s with the page, which carries the answer’s own nonce',
    async (url) => {
      const page = await browser.request('GET', url, undefined, { accept: 'text/html' });
      const nonce = /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy')!)![1]!;
      expect(page.text).toBe(`<script nonce="${nonce}"></script><meta content="${nonce}">`);
      expect(page.headers.get('cache-control')).toBe('no-store');
    },
  );

  it.each(['/api/none', '/page/token', '/notice/token', '/report', '/assets/none.js', '/.well-known/none', '/.secret'])(
    'has no page for %s',
    async (url) => {
      const answer = await browser.request('GET', url, undefined, { accept: 'text/html' });
      expect([url, answer.text.includes('hidden')]).toEqual([url, false]);
      if (url !== '/.secret') expect(answer.status).toBe(404);
    },
  );

  it('lets browsers keep what has its hash in its name', async () => {
    const asset = await browser.get('/assets/index-abc123.js');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toMatch(/^text\/javascript/);
  });

  it('answers changes and programs with no page', async () => {
    expect((await browser.post('/incidents')).status).toBe(404);
    expect((await browser.request('GET', '/incidents', undefined, { accept: 'application/json' })).status).toBe(404);
  });
});
