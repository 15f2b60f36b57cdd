import { parseCookie, stringifySetCookie } from 'cookie';

/** `__Host-`: the browser takes it from a secure origin only (or localhost), for this host and path / alone. */
const SESSION_COOKIE = '__Host-silowatch';
/** Remembers that this browser signed in to an account before, so that strangers' guesses do not lock its person out. */
const DEVICE_COOKIE = '__Host-silowatch-device';
const DEVICE_SECONDS = 180 * 24 * 3600;

interface WithCookies {
  readonly headers: { readonly cookie?: string | undefined };
}

interface SetsHeaders {
  append(name: string, value: string): unknown;
}

const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;

/** The token in the request's session cookie. */
export const sessionToken = (request: WithCookies): string | undefined => tokenIn(request, SESSION_COOKIE);
export const deviceToken = (request: WithCookies): string | undefined => tokenIn(request, DEVICE_COOKIE);

export function setSessionCookie(response: SetsHeaders, token: string): void {
  response.append('Set-Cookie', stringifySetCookie({ name: SESSION_COOKIE, value: token, ...attributes }));
}

export function clearSessionCookie(response: SetsHeaders): void {
  response.append('Set-Cookie', stringifySetCookie({ name: SESSION_COOKIE, value: '', maxAge: 0, ...attributes }));
}

export function setDeviceCookie(response: SetsHeaders, token: string): void {
  const cookie = { name: DEVICE_COOKIE, value: token, maxAge: DEVICE_SECONDS, ...attributes };
  response.append('Set-Cookie', stringifySetCookie(cookie));
}

function tokenIn(request: WithCookies, name: string): string | undefined {
  const value = parseCookie(request.headers.cookie ?? '')[name];
  return value !== undefined && /^[\w.-]{20,200}$/.test(value) ? value : undefined;
}
