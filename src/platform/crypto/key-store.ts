import { createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Secret } from '../config/secret.js';
import { DomainError } from '../errors/domain-error.js';
import { SealedBox } from './sealed-box.js';

/** The keys outside the database: files in one folder that only the service's user may read. */
export class KeyStore {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
  }

  /** The box under the configured master key, else under the one in `master.key`, which is made at the first start. */
  async sealedBox(configured: Secret | undefined): Promise<SealedBox> {
    const text =
      configured?.reveal() ?? (await this.#readOrMake('master.key', () => randomBytes(32).toString('base64')));
    const bytes = Buffer.from(text.trim(), 'base64');
    if (bytes.length !== 32) {
      const where = configured === undefined ? path.join(this.folder, 'master.key') : 'SILOWATCH_MASTER_KEY';
      throw new DomainError('CRYPTO_KEY_INVALID', `${where} does not hold 32 bytes in base64`);
    }
    return new SealedBox(bytes);
  }

  /** An Ed25519 key pair kept as PKCS #8 PEM in `<name>.pem`, made when it is missing. */
  async signingKey(name: string): Promise<KeyObject> {
    const pem = await this.#readOrMake(`${name}.pem`, () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    );
    return createPrivateKey(pem);
  }

  async #readOrMake(file: string, make: () => string): Promise<string> {
    const target = path.join(this.folder, file);
    // The folder above is shared with the embedded Postgres, which runs under another user.
    await mkdir(path.dirname(this.folder), { recursive: true });
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    try {
      // Fails when the file exists, so that two processes that start together agree on one key.
      await writeFile(target, make(), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return readFile(target, 'utf8');
  }
}
