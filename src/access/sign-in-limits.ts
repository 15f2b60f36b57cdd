import { addressBlock, type Limit } from './attempt-limit.js';

const MINUTE_MS = 60_000;

/** The attempt's account (as a keyed hash, known or not), its address, and the browser's earlier sign-in to this account, if any. */
export interface Attempt {
  readonly account: string;
  readonly ip: string;
  readonly device: string | undefined;
}

/**
 * What an attempt at a password is counted under. A browser that signed in to this account before has a counter of its own, so that
 * strangers who use up the others cannot lock its person out.
 */
export function passwordLimits({ account, ip, device }: Attempt): readonly Limit[] {
  if (device !== undefined) return [{ key: `password:device:${device}`, limit: 10, windowMs: 15 * MINUTE_MS }];
  const address = addressBlock(ip);
  return [
    { key: `password:pair:${account}:${address}`, limit: 5, windowMs: 15 * MINUTE_MS },
    { key: `password:address:${address}`, limit: 30, windowMs: 15 * MINUTE_MS },
    { key: `password:account:${account}`, limit: 100, windowMs: 60 * MINUTE_MS },
  ];
}

/** What an attempt at a code is counted under; the password was right before. */
export function codeLimits({ account, device }: Attempt): readonly Limit[] {
  return [
    {
      key: `code:${device === undefined ? `account:${account}` : `device:${device}`}`,
      limit: 10,
      windowMs: 15 * MINUTE_MS,
    },
  ];
}
