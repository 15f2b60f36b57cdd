import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../errors/domain-error.js';

const VERSION = 'v1';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals small secrets for the database with AES-256-GCM under a key that lies outside it. The context (such as
 * `totp:<staff id>`) is authenticated: a sealed value moved to another row does not open.
 */
export class SealedBox {
  readonly #sealKey: Buffer;
  readonly #macKey: Buffer;

  constructor(masterKey: Uint8Array) {
    if (masterKey.length !== KEY_BYTES) {
      throw new DomainError(
        'CRYPTO_KEY_INVALID',
        `The master key has ${masterKey.length} bytes instead of ${KEY_BYTES}`,
      );
    }
    const derive = (purpose: string): Buffer =>
      Buffer.from(hkdfSync('sha256', masterKey, '', `silowatch ${purpose}`, KEY_BYTES));
    this.#sealKey = derive('seal v1');
    this.#macKey = derive('mac v1');
  }

  seal(plain: string | Uint8Array, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey, iv).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return `${VERSION}.${Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url')}`;
  }

  /** Throws CRYPTO_UNSEAL_FAILED for another key, another context or a changed value. */
  open(sealed: string, context: string): Buffer {
    const [version, body] = sealed.split('.');
    const bytes = Buffer.from(body ?? '', 'base64url');
    if (version !== VERSION || bytes.length < IV_BYTES + TAG_BYTES) throw unsealFailed();
    const decipher = createDecipheriv('aes-256-gcm', this.#sealKey, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw unsealFailed(cause);
    }
  }

  /** A keyed hash (HMAC-SHA-256, base64url) that nobody without the master key can make. */
  mac(purpose: string, text: string): string {
    return createHmac('sha256', this.#macKey).update(`${purpose}\0${text}`).digest('base64url');
  }

  /** Compares in constant time. */
  macMatches(purpose: string, text: string, mac: string): boolean {
    const [expected, given] = [Buffer.from(this.mac(purpose, text)), Buffer.from(mac)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

const unsealFailed = (cause?: unknown): DomainError =>
  new DomainError('CRYPTO_UNSEAL_FAILED', 'A sealed value does not open: another master key, or it was changed', {
    cause,
  });
