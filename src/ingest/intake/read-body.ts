import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { bodyAborted, bodyTimedOut, bodyTooLarge, gzipInvalid, mediaTypeRefused } from './intake.errors.js';

export interface BodyLimits {
  /** Of the body as sent and as unpacked. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Called before unpacked bytes are kept; may throw. */
  readonly onBytes: (count: number) => void;
}

/** A request's whole body, unpacked, within the limits. After a refusal the rest of it is for `readOut`. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const gunzip = unpackerFor(request.headers['content-encoding']);
  if (Number(request.headers['content-length']) > limits.maxBytes) throw bodyTooLarge(limits.maxBytes);
  const source: Readable = gunzip === undefined ? request : request.pipe(gunzip);
  const end = new AbortController();
  try {
    return await gathered(request, source, limits, end.signal);
  } finally {
    end.abort();
    if (gunzip !== undefined) {
      request.unpipe(gunzip);
      // A second error of what is given up concerns nobody.
      gunzip.on('error', () => undefined);
      gunzip.destroy();
    }
  }
}

/** How long the rest of a refused body is taken, and how much of it: also of one that is refused since it is too large. */
const LINGER_MS = 5_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Takes what is left of a refused body and throws it away, for a while. A connection that is closed while its client still sends takes the answer
 * away from it (RFC 9112 §9.6): a shipper would see a broken connection where it was told to wait.
 */
export function readOut(request: IncomingMessage): void {
  let leftBytes = LINGER_BYTES;
  const giveUp = (): void => void request.socket.destroy();
  const timer = setTimeout(giveUp, LINGER_MS);
  request
    .on('data', (chunk: Buffer) => {
      leftBytes -= chunk.length;
      if (leftBytes < 0) giveUp();
    })
    .on('error', () => undefined)
    .once('close', () => clearTimeout(timer))
    .resume();
}

function unpackerFor(encoding: string | undefined): Gunzip | undefined {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    default:
      throw mediaTypeRefused('The Content-Encoding must be gzip or none');
  }
}

function gathered(request: IncomingMessage, source: Readable, limits: BodyLimits, over: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(bodyTimedOut()), limits.timeoutMs);
    const take = (chunk: Buffer): void => {
      try {
        sizeBytes += chunk.length;
        if (sizeBytes > limits.maxBytes) throw bodyTooLarge(limits.maxBytes);
        limits.onBytes(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        source.off('data', take);
        reject(error instanceof Error ? error : new Error('the body was refused', { cause: error }));
      }
    };
    const close = (): void => {
      if (!request.complete) reject(bodyAborted());
    };
    const ended = (): void => resolve(Buffer.concat(chunks, sizeBytes));
    const failed = (): void => reject(source === request ? bodyAborted() : gzipInvalid());
    source.on('data', take).once('end', ended).once('error', failed);
    request.once('close', close);
    over.addEventListener('abort', () => {
      clearTimeout(timer);
      source.off('data', take).off('end', ended).off('error', failed);
      request.off('close', close);
    });
  });
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** A text without the mark that some programs write before it. No request of protobuf begins with those bytes. */
export const withoutByteOrderMark = (body: Buffer): Buffer =>
  body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? body.subarray(BYTE_ORDER_MARK.length) : body;
