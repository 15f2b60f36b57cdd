/** Where people reach the service; links in mails start with it. */
export class PublicUrl {
  /** Scheme, host and port, without a slash at the end. */
  readonly origin: string;
  constructor(url: string) {
    this.origin = new URL(url).origin;
  }
  /** `path` begins with a slash. */
  href(path: `/${string}`): string {
    return `${this.origin}${path}`;
  }
}

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What a browser says of where a request comes from; no page can forge these. */
export interface RequestSource {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

/**
 * Whether a browser's page that may change things here sent this. Besides the public origin, a loopback service trusts its other loopback
 * names, on the port that was asked. Our pages send no referrer, and browsers then leave `Origin` out of their own requests: those are known by
 * `Sec-Fetch-Site`, for the host that was asked (which must still be ours: DNS rebinding).
 */
export function isOwnPage(source: RequestSource, publicOrigin: string): boolean {
  const { host } = source;
  const isHidden = source.origin === undefined || source.origin === 'null';
  if (isHidden && source['sec-fetch-site'] !== 'same-origin') return false;
  const origin = isHidden ? `${new URL(publicOrigin).protocol}//${host ?? ''}` : source.origin;
  if (origin === publicOrigin) return true;
  if (!URL.canParse(origin) || !LOOPBACK_NAMES.has(new URL(publicOrigin).hostname)) return false;
  const { hostname, host: originHost } = new URL(origin);
  return LOOPBACK_NAMES.has(hostname) && originHost === host;
}
