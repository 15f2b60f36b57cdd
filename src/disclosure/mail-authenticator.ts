import { resolve } from 'node:dns/promises';
import { dkimVerify, arc as verifyArc, type DKIMVerifyResult } from 'mailauth';
import { domainOf } from '../platform/mail/mail.js';
import type { ParsedInbound } from '../platform/mail/parse-mail.js';
import type { Authentication } from './report.js';

/** DNS, as far as signatures need it. Tests bind their own. */
export type TxtResolver = (domain: string, type: string) => Promise<string[][] | string[]>;

/** A name server that does not answer must not hold up the mailbox. */
const TIMEOUT_MS = 10_000;

export const systemDns: TxtResolver = async (domain, type) => (await resolve(domain, type)) as string[][];

/** Checks DKIM and ARC here; SPF is taken from the mail server that saw the connection, if one is configured, else it is `none`. */
export class MailAuthenticator {
  readonly #resolver: TxtResolver;
  readonly #authservId: string | undefined;

  constructor(resolver: TxtResolver, authservId: string | undefined) {
    this.#resolver = resolver;
    this.#authservId = authservId;
  }

  /** Never throws: what could not be checked is not trusted. */
  async check(raw: Buffer, mail: ParsedInbound): Promise<Authentication> {
    const spf = spfOf(mail, this.#authservId);
    const tooLate = new AbortController();
    try {
      const checked = await Promise.race([this.#signatures(raw, mail), timeout(tooLate.signal)]);
      return { ...checked, spf };
    } catch {
      return { dkim: 'temperror', arc: 'none', aligned: false, spf };
    } finally {
      tooLate.abort();
    }
  }

  async #signatures(raw: Buffer, mail: ParsedInbound): Promise<Pick<Authentication, 'dkim' | 'arc' | 'aligned'>> {
    const resolver = this.#resolver;
    const result = await dkimVerify(raw, { resolver, minBitLength: 1024 });
    const dkim = result.results.map(({ status }) => status.result);
    return {
      dkim: dkim.includes('pass') ? 'pass' : (dkim[0] ?? 'none'),
      arc: await arcOf(result, resolver),
      aligned: mail.from !== null && isAligned(result, mail.from.address),
    };
  }
}

/** A signature that covers the whole body, by the very domain of the From address or one above it. */
function isAligned(result: DKIMVerifyResult, from: string): boolean {
  const domain = domainOf(from);
  const hasOneFrom = result.headerFrom.length === 1 && result.headerFrom[0]?.toLowerCase() === from.toLowerCase();
  return (
    hasOneFrom &&
    result.results.some(({ status, signingDomain }) => {
      const signer = signingDomain.toLowerCase();
      // A domain of one label, such as a top-level domain, speaks for nobody.
      const isAbove = signer.includes('.') && (domain === signer || domain.endsWith(`.${signer}`));
      return status.result === 'pass' && status.underSized !== true && Boolean(status.aligned) && isAbove;
    })
  );
}

async function arcOf(result: DKIMVerifyResult, resolver: TxtResolver): Promise<string> {
  if (result.arc === undefined) return 'none';
  try {
    return (await verifyArc(result.arc as Parameters<typeof verifyArc>[0], { resolver })).status.result;
  } catch {
    return 'temperror';
  }
}

/** The topmost Authentication-Results of the configured server: those below it may be the sender's own invention. */
function spfOf(mail: ParsedInbound, authservId: string | undefined): string {
  const [top] = mail.headers.get('authentication-results') ?? [];
  if (authservId === undefined || top === undefined) return 'none';
  const [id] = top.trim().split(/[\s;]/);
  if (id?.toLowerCase() !== authservId.toLowerCase()) return 'none';
  return /(?:^|;)\s*spf=([a-z]+)/i.exec(top)?.[1]?.toLowerCase() ?? 'none';
}

async function timeout(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error('DNS took too long')), TIMEOUT_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
