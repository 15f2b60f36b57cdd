import { parseSetCookie } from 'cookie';
import { generateSync } from 'otplib';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly body: any;
}

/** Talks to the service as a browser's page does: keeps cookies, sends its origin and the CSRF token. */
export class HttpClient {
  readonly url: string;
  readonly cookies = new Map<string, string>();
  csrfToken: string | undefined;
  /** Sent with everything that changes something. */
  origin: string;
  /** Called after each request that changed something. */
  onChange: ((request: string) => Promise<void>) | undefined;

  constructor(url: string) {
    this.url = url;
    this.origin = url;
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isChange = method !== 'GET';
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(isChange ? { origin: this.origin } : {}),
        ...(isChange && this.csrfToken !== undefined ? { 'x-csrf-token': this.csrfToken } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const { name, value, maxAge } = parseSetCookie(line);
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, value ?? '');
    }
    const text = await response.text();
    if (isChange && response.ok) await this.onChange?.(`${method} ${path}`);
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path);
  }
  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.request('POST', path, body);
  }
  patch(path: string, body: unknown): Promise<Answer> {
    return this.request('PATCH', path, body);
  }

  /** Password and code; throws when the service refuses. `now` is the service's time. */
  async signIn(account: { email: string; password: string; totpSecret: string }, now = new Date()): Promise<Answer> {
    const { email, password, totpSecret } = account;
    const first = await this.post('/api/session/password', { email, password });
    if (first.status !== 200) throw new Error(`password refused: ${first.text}`);
    const second = await this.post('/api/session/totp', { code: totpCode(totpSecret, now) });
    if (second.status !== 200) throw new Error(`code refused: ${second.text}`);
    this.csrfToken = second.body.csrfToken as string;
    return second;
  }
}

export const totpCode = (secret: string, now: Date): string =>
  generateSync({ secret, epoch: Math.floor(now.getTime() / 1000) });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
