import type { LoggerService } from '@nestjs/common';
import type { Log } from './logging.js';

/** Carries Nest's own warnings and errors into the structured log; its start-up chatter is left out. */
export class NestLog implements LoggerService {
  readonly #log: Log;
  constructor(log: Log) {
    this.#log = log;
  }
  log(): void {
    return undefined;
  }
  warn(message: unknown): void {
    this.#log.warn({ event: 'framework.warned', detail: String(message) }, 'framework reports');
  }
  error(message: unknown): void {
    this.#log.error({ event: 'framework.failed', detail: String(message) }, 'framework reports');
  }
}
