import type { JsonWebKey } from 'node:crypto';

export interface CommandToSign {
  readonly silo: string;
  readonly jti: string;
  /** The exact bytes that were approved. */
  readonly command: string;
  readonly decision: string;
  readonly approvals: readonly { readonly name: string; readonly at: string }[];
  readonly lifeSeconds: number;
}

/** Holds the key that agents obey. Only the `respond` role asks it to sign; a key service can stand behind it. */
export abstract class CommandSigner {
  abstract sign(command: CommandToSign): Promise<string>;
  /** What an agent pins. */
  abstract publicKey(): Promise<{ readonly kid: string; readonly jwk: JsonWebKey }>;
}
