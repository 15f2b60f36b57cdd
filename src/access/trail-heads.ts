import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Head, headMessage } from './trail-chain.js';

interface SignedHead extends Head {
  /** Ed25519, base64. */
  readonly signature: string;
}

/** The signed heads of the trail's chain, one JSON line each, in a file outside the database. */
export class TrailHeads {
  readonly file: string;
  readonly #key: KeyObject;

  constructor(folder: string, key: KeyObject) {
    this.file = path.join(folder, 'trail-heads.ndjson');
    this.#key = key;
  }

  async append(head: Head): Promise<void> {
    const signature = sign(null, Buffer.from(headMessage(head)), this.#key).toString('base64');
    await mkdir(path.dirname(this.file), { recursive: true });
    await appendFile(this.file, `${JSON.stringify({ ...head, signature } satisfies SignedHead)}\n`, { mode: 0o600 });
  }

  /** All heads in order; a line that is not one, or whose signature is not ours, is a fault with its line number. */
  async read(): Promise<{ readonly heads: readonly Head[]; readonly faults: readonly string[] }> {
    const text = await readFile(this.file, 'utf8').catch(() => '');
    const heads: Head[] = [];
    const faults: string[] = [];
    for (const [index, line] of text.split('\n').entries()) {
      if (line === '') continue;
      const head = parseHead(line);
      if (head === undefined || !this.#isOurs(head))
        faults.push(`${this.file}:${index + 1}: not a head signed by this service`);
      else heads.push(head);
    }
    return { heads, faults };
  }

  #isOurs(head: SignedHead): boolean {
    const signature = Buffer.from(head.signature, 'base64');
    return verify(null, Buffer.from(headMessage(head)), createPublicKey(this.#key), signature);
  }
}

function parseHead(line: string): SignedHead | undefined {
  try {
    const value = JSON.parse(line) as Partial<SignedHead>;
    const isHead =
      typeof value.seq === 'number' &&
      typeof value.chainHash === 'string' &&
      typeof value.at === 'string' &&
      typeof value.signature === 'string';
    return isHead ? (value as SignedHead) : undefined;
  } catch {
    return undefined;
  }
}
