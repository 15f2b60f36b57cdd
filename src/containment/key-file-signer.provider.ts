import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { KeyStore } from '../platform/crypto/key-store.js';
import { keyId, signCommand, type SigningKey } from './agent-token.js';
import { CommandSigner, type CommandToSign } from './command-signer.js';

/** The signer over `commands.pem` in the folder of keys. Reads it when it first signs, so that other roles never touch it. */
@Injectable()
export class KeyFileSigner extends CommandSigner {
  #key: Promise<SigningKey> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly keys: KeyStore,
  ) {
    super();
  }

  override async sign({ silo, lifeSeconds, ...claims }: CommandToSign): Promise<string> {
    return signCommand(await this.#load(), silo, claims, this.clock.now(), lifeSeconds);
  }

  override async publicKey(): Promise<{ readonly kid: string; readonly jwk: JsonWebKey }> {
    const { kid, privateKey } = await this.#load();
    return { kid, jwk: createPublicKey(privateKey).export({ format: 'jwk' }) };
  }

  #load(): Promise<SigningKey> {
    this.#key ??= this.keys.signingKey('commands').then(async (privateKey) => {
      const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
      return { kid: await keyId(jwk), privateKey };
    });
    return this.#key;
  }
}
