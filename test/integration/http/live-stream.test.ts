import { newTotpSecret } from '../../../src/access/totp.js';
import { system } from '../../../src/platform/database/scope.js';
import { announce, type Change } from '../../../src/platform/live/live.js';
import { SESSIONS_CHANNEL } from '../../../src/platform/live/live-listener.js';
import { HttpClient } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';

describe('the live stream', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await testService();
  });
  afterEach(() => service.stop());

  async function person(name: string, tenants: 'all' | readonly string[]): Promise<HttpClient> {
    const account = {
      email: `${name}@example.test`,
      name,
      roles: ['viewer'],
      tenants,
      password: 'seven grey herons at dusk',
      totpSecret: newTotpSecret(),
    } as const;
    await service.seed(account);
    const browser = new HttpClient(service.url);
    await browser.signIn(account);
    return browser;
  }

  /** Reads the stream until it has seen `last`, and returns all text. */
  async function listen(
    browser: HttpClient,
    headers: Record<string, string> = {},
  ): Promise<{ until: (last: string) => Promise<string>; close: () => void }> {
    const abort = new AbortController();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${service.url}/api/stream`, {
      headers: { cookie, ...headers },
      signal: abort.signal,
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return {
      until: async (last) => {
        while (!text.includes(last)) {
          const { value, done } = await reader.read();
          if (done) break;
          text += value;
        }
        return text;
      },
      close: () => abort.abort(),
    };
  }

  const tell = (change: Change): Promise<void> =>
    service.db.database.transaction(system('correlate'), (tx) => announce(tx, change));

  it('tells ids of what changed to those who may see its silo, and only after the commit', async () => {
    const [north, everyone] = [await person('north', ['north']), await person('all', 'all')];
    const [limited, wide] = [await listen(north), await listen(everyone)];
    await service.db.database
      .transaction(system('correlate'), async (tx) => {
        await announce(tx, { topic: 'alert', id: 'rolled-back', tenants: [] });
        throw new Error('no');
      })
      .catch(() => undefined);
    await tell({ topic: 'alert', id: 'of-south', tenants: ['south'] });
    await tell({ topic: 'incident', id: 'of-both', tenants: ['south', 'north'] });
    expect(await wide.until('of-both')).toContain('of-south');
    const text = await limited.until('of-both');
    expect(text).toContain('data: {"topic":"incident","id":"of-both"}');
    expect(text).not.toContain('of-south');
    expect(text).not.toContain('rolled-back');
    limited.close();
    wide.close();
  });

  it('catches up after a break, or says that it cannot', async () => {
    const browser = await person('all', 'all');
    const first = await listen(browser);
    await tell({ topic: 'alert', id: 'one', tenants: [] });
    const seen = /id: (\S+)\nevent: change\ndata: \S*one/.exec(await first.until('"one"'))![1]!;
    first.close();
    await tell({ topic: 'alert', id: 'two', tenants: [] });
    const again = await listen(browser, { 'last-event-id': seen });
    expect(await again.until('"two"')).not.toContain('"one"');
    again.close();
    const stranger = await listen(browser, { 'last-event-id': 'other-7' });
    expect(await stranger.until('event: reset')).toContain('event: reset');
    stranger.close();
  });

  it('ends with its session', async () => {
    const browser = await person('all', 'all');
    const stream = await listen(browser);
    browser.csrfToken = (await browser.get('/api/session')).body.csrfToken;
    expect((await browser.request('DELETE', '/api/session')).status).toBe(204);
    expect(await stream.until('never')).toContain('event: end');
    expect((await browser.get('/api/stream')).status).toBe(401);
  });

  it('is told nothing after its end, while its connection still closes', async () => {
    const browser = await person('all', 'all');
    const stream = await listen(browser);
    const { id } = (await browser.get('/api/session')).body as { id: string };
    await service.db.database.transaction(system('correlate'), async (tx) => {
      await tx.query('select pg_notify($1, $2)', [SESSIONS_CHANNEL, `staff:${id}`]);
      await announce(tx, { topic: 'alert', id: 'too-late', tenants: [] });
    });
    const text = await stream.until('never');
    expect(text).toContain('event: end');
    expect(text).not.toContain('too-late');
  });
});
