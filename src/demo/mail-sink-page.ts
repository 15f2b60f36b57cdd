import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createTransport } from 'nodemailer';
import { generateSync } from 'otplib';
import type { MailSink } from './mail-sink.js';

/** An account of the demo, as its mail-sink page shows it. */
export interface DemoAccount {
  readonly email: string;
  readonly password: string;
  readonly role: string;
  readonly totpSecret: string;
}

export interface SinkPageOptions {
  readonly sink: MailSink;
  readonly accounts: readonly DemoAccount[];
  readonly dashboardUrl: string;
  readonly smtpPort: number;
  readonly securityAddress: string;
  readonly now: () => Date;
}

const STEP_MS = 30_000;
const MAX_FORM_OCTETS = 64 * 1024;

/** The page on which one person plays everybody: both accounts' codes, every mail that was sent, and a form to write to security@. */
export class MailSinkPage {
  readonly #options: SinkPageOptions;
  readonly #server: Server;

  constructor(options: SinkPageOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => {
        response.writeHead(500, { 'content-type': 'text/plain' }).end('The mail sink failed to answer');
      });
    });
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST' && url.pathname === '/security-mail') return this.#sendToSecurity(request, response);
    const mail = /^\/mails\/(\d+)\.html$/.exec(url.pathname)?.[1];
    if (mail !== undefined) {
      this.#showHtml(Number(mail), response);
      return;
    }
    if (url.pathname === '/state') {
      this.#showState(response);
      return;
    }
    if (url.pathname !== '/') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not here');
      return;
    }
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-src 'self'",
      })
      .end(
        PAGE.replaceAll('{{dashboard}}', this.#options.dashboardUrl).replaceAll(
          '{{security}}',
          this.#options.securityAddress,
        ),
      );
  }

  #showState(response: ServerResponse): void {
    const nowMs = this.#options.now().getTime();
    const accounts = this.#options.accounts.map(({ email, password, role, totpSecret }) => ({
      email,
      password,
      role,
      code: generateSync({ secret: totpSecret }),
    }));
    const body = {
      accounts,
      secondsLeft: Math.ceil((STEP_MS - (nowMs % STEP_MS)) / 1000),
      mails: this.#options.sink.mails,
    };
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(body));
  }

  /** The mail's own HTML, in a sandbox without scripts or network. */
  #showHtml(id: number, response: ServerResponse): void {
    const mail = this.#options.sink.mails.find((candidate) => candidate.id === id);
    response
      .writeHead(mail === undefined ? 404 : 200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
      })
      .end(mail?.html ?? '');
  }

  async #sendToSecurity(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) {
      body += String(chunk);
      if (body.length > MAX_FORM_OCTETS) {
        response.writeHead(413, { 'content-type': 'text/plain' }).end('Too long');
        return;
      }
    }
    const form = new URLSearchParams(body);
    const from = form.get('from') ?? '';
    const transport = createTransport({
      host: '127.0.0.1',
      port: this.#options.smtpPort,
      secure: false,
      ignoreTLS: true,
    });
    await transport.sendMail({
      from,
      to: this.#options.securityAddress,
      subject: form.get('subject') ?? '',
      text: form.get('text') ?? '',
    });
    response.writeHead(303, { location: '/' }).end();
  }
}

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Silowatch demo: mail sink</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#d5dae1, #343b46); --soft: light-dark(#f5f7fa, #1d222a); --muted: light-dark(#5a6472, #9aa5b4); --accent: light-dark(#0b6e99, #5cc4ee); }
  * { box-sizing: border-box; } body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#fff, #14181e); color: light-dark(#1a2129, #e8edf3); }
  header, main { max-width: 1180px; margin: 0 auto; padding: 1rem 1.25rem; } h1 { font-size: 1.25rem; margin: 0; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
  a { color: var(--accent); } .muted { color: var(--muted); } .accounts { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); }
  .card { border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; background: var(--soft); overflow-wrap: anywhere; } .code { font: 600 1.5rem ui-monospace, monospace; letter-spacing: .15em; }
  .mails { display: grid; grid-template-columns: minmax(260px, 1fr) 2fr; gap: 1rem; align-items: start; } @media (max-width: 760px) { .mails { grid-template-columns: 1fr; } }
  ol { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; } li + li { border-top: 1px solid var(--line); }
  li button { all: unset; display: block; width: 100%; padding: .6rem .9rem; cursor: pointer; box-sizing: border-box; overflow-wrap: anywhere; } li button:hover, li button[aria-current=true] { background: var(--soft); } li button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
  iframe { width: 100%; height: 560px; border: 1px solid var(--line); border-radius: 8px; background: #fff; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  form { display: grid; gap: .5rem; max-width: 640px; } input, textarea { font: inherit; padding: .45rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: transparent; color: inherit; } form button { justify-self: start; font: inherit; padding: .45rem 1rem; border-radius: 6px; border: 0; background: #0b6e99; color: #fff; cursor: pointer; }
</style></head><body>
<header><h1>Mail sink of the Silowatch demo</h1><p class="muted">No mail leaves this machine; everything the demo sends is shown here. The dashboard is at <a href="{{dashboard}}">{{dashboard}}</a>.</p></header>
<main>
<h2>Accounts</h2><div class="accounts" id="accounts" aria-live="off"></div>
<h2>Mails</h2><div class="mails"><ol id="list"><li style="padding:.6rem .9rem" class="muted">No mail yet. The first page arrives when the incident opens.</li></ol><div id="mail" class="muted">Choose a mail to read it.</div></div>
<h2>Write to {{security}}</h2><p class="muted">As a researcher would: the report appears on the Disclosure page, and the acknowledgement above.</p>
<form method="post" action="/security-mail"><label>From <input name="from" type="email" required value="researcher@finder.example"></label><label>Subject <input name="subject" required value="Invoice PDF readable without signing in"></label><label>Text<br><textarea name="text" rows="6" style="width:100%" required>Hello,

GET /files/invoice/2026-0417.pdf answers 200 without a session cookie on lumen-studio.cashsheet.example.
Steps: open the address in a private window.</textarea></label><button>Send</button></form>
</main>
<script>
  const element = (name, text, className) => { const e = document.createElement(name); e.textContent = text ?? ''; if (className) e.className = className; return e; };
  let shown = null, drawn = '';
  function show(mail) {
    shown = mail.id; const box = document.getElementById('mail'); box.className = ''; box.replaceChildren();
    box.append(element('strong', mail.subject), element('div', 'to ' + mail.to.join(', ') + ' · ' + new Date(mail.receivedAt).toLocaleTimeString(), 'muted'));
    const links = [...new Set(mail.text.match(/https?:\\/\\/[^\\s<>"')\\]]+/g) ?? [])];
    for (const link of links) { const p = element('p'); const a = element('a', link); a.href = link; p.append(a); box.append(p); }
    if (mail.html) { const frame = document.createElement('iframe'); frame.src = '/mails/' + mail.id + '.html'; frame.title = 'Mail: ' + mail.subject; frame.setAttribute('sandbox', 'allow-popups'); box.append(frame); }
    else box.append(element('pre', mail.text));
    mark();
  }
  const mark = () => document.querySelectorAll('#list button').forEach((b) => b.setAttribute('aria-current', String(Number(b.dataset.id) === shown)));
  async function refresh() {
    try {
      const state = await (await fetch('/state')).json();
      document.getElementById('accounts').replaceChildren(...state.accounts.map((a) => { const c = element('div', '', 'card'); c.dataset.role = a.role; const code = element('div', a.code, 'code'); c.append(element('strong', a.role), element('div', a.email), element('div', 'Password: ' + a.password, 'muted'), code, element('div', 'new code in ' + state.secondsLeft + ' s', 'muted')); return c; }));
      const key = state.mails.map((m) => m.id).join();
      if (key !== drawn && state.mails.length) { drawn = key; document.getElementById('list').replaceChildren(...state.mails.map((m) => { const li = element('li'); const b = element('button'); b.dataset.id = m.id; b.append(element('strong', m.subject), element('div', m.to.join(', ') + ' · ' + new Date(m.receivedAt).toLocaleTimeString(), 'muted')); b.onclick = () => show(m); li.append(b); return li; })); mark(); }
    } catch { /* the demo has stopped; the next attempt tells */ }
  }
  refresh(); setInterval(refresh, 1000);
</script></body></html>`;
