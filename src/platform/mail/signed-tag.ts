import { timingSafeEqual } from 'node:crypto';
import type { SealedBox } from '../crypto/sealed-box.js';

/** Base 36 digits of 128 bits, and of the 80 bits of the signature. Letters of one case only: mailers may change it. */
const ID_DIGITS = 25;
const MAC_DIGITS = 16;

/** A tag for a plus-address that names a row and that only this service can make: what comes back to such an address cannot be made up. */
export function signedTag(box: SealedBox, purpose: string, uuid: string): string {
  const id = BigInt(`0x${uuid.replaceAll('-', '')}`)
    .toString(36)
    .padStart(ID_DIGITS, '0');
  return id + signature(box, purpose, id);
}

/** The row that the tag names; undefined when it was not made here for this purpose. */
export function readSignedTag(box: SealedBox, purpose: string, tag: string): string | undefined {
  const text = tag.toLowerCase();
  if (!/^[0-9a-z]+$/.test(text) || text.length !== ID_DIGITS + MAC_DIGITS) return undefined;
  const id = text.slice(0, ID_DIGITS);
  const expected = Buffer.from(signature(box, purpose, id));
  if (!timingSafeEqual(Buffer.from(text.slice(ID_DIGITS)), expected)) return undefined;
  const hex = Array.from(id)
    .reduce((sum, digit) => sum * 36n + BigInt(parseInt(digit, 36)), 0n)
    .toString(16)
    .padStart(32, '0');
  return hex.length === 32 ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : undefined;
}

function signature(box: SealedBox, purpose: string, id: string): string {
  const bytes = Buffer.from(box.mac(`mail tag ${purpose}`, id), 'base64url').subarray(0, 10);
  return BigInt(`0x${bytes.toString('hex')}`)
    .toString(36)
    .padStart(MAC_DIGITS, '0');
}
