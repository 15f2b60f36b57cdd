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

/**
 * Whether a browser's page of this `origin` may change things here. Besides the public origin, a loopback service trusts its other
 * loopback names, on the port that was asked.
 */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, publicOrigin: string): boolean {
  if (origin === undefined) return false;
  if (origin === publicOrigin) return true;
  if (!URL.canParse(origin) || !LOOPBACK_NAMES.has(new URL(publicOrigin).hostname)) return false;
  const { hostname, host: originHost } = new URL(origin);
  return LOOPBACK_NAMES.has(hostname) && originHost === host;
}
