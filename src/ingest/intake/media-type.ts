import type { IncomingMessage } from 'node:http';

/** The Content-Type without its parameters, in small letters; empty without one. */
export const mediaTypeOf = (message: IncomingMessage): string =>
  (message.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
