import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { cspNonce } from './request-context.js';

type Directives = Readonly<Record<string, readonly string[]>>;

/** For every page and answer: nothing inline without the request's nonce, no frames, no strings turned into markup. */
function defaultPolicy(nonce: string): Directives {
  return {
    'default-src': [`'none'`],
    'script-src': [`'self'`, `'nonce-${nonce}'`],
    'style-src': [`'self'`, `'nonce-${nonce}'`],
    'img-src': [`'self'`, 'data:'],
    'font-src': [`'self'`],
    'connect-src': [`'self'`],
    'manifest-src': [`'self'`],
    'form-action': [`'self'`],
    'base-uri': [`'none'`],
    'frame-ancestors': [`'none'`],
    'require-trusted-types-for': [`'script'`],
    'trusted-types': ['default'],
  };
}

/** For pages that consist of text and a style: public pages and the API reference. */
export function plainPagePolicy(nonce: string): string {
  return render({
    'default-src': [`'none'`],
    'style-src': [`'nonce-${nonce}'`],
    'form-action': [`'self'`],
    'base-uri': [`'none'`],
    'frame-ancestors': [`'none'`],
    'require-trusted-types-for': [`'script'`],
    'trusted-types': [`'none'`],
  });
}

const render = (directives: Directives): string =>
  Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ');

/** Sends an HTML page without scripts, e.g. one that a link in a mail opens: never cached, never indexed, its address never passed on. */
export function sendPlainPage(response: Response, html: string, status = 200): void {
  response
    .status(status)
    .set('Content-Security-Policy', plainPagePolicy(cspNonce(response)))
    .set('Cache-Control', 'no-store')
    .set('X-Robots-Tag', 'noindex, nofollow')
    .type('html')
    .send(html);
}

/** Needs `requestContext` before it, which makes the nonce. */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: false,
      frameguard: { action: 'deny' },
      referrerPolicy: { policy: 'no-referrer' },
      strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: true },
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      crossOriginEmbedderPolicy: false,
    }),
    (_request, response, next) => {
      response.setHeader('Content-Security-Policy', render(defaultPolicy(cspNonce(response))));
      response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
      // Static files say otherwise for themselves.
      response.setHeader('Cache-Control', 'no-store');
      next();
    },
  ];
}
