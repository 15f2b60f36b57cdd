import { pino, type Logger as PinoLogger } from 'pino';
import { z } from 'zod';

export const loggingConfig = z.object({
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ description: 'Least severe log line that is written', example: 'info' }),
});

/** Structured log, one JSON object a line, each with an `event` name: `log.info({ event: 'page.sent', pageId }, 'page sent')`. Raw log records, mail bodies and credentials never go in. */
export abstract class Log {
  abstract info(fields: LogFields, message: string): void;
  abstract warn(fields: LogFields, message: string): void;
  abstract error(fields: LogFields, message: string): void;
  abstract debug(fields: LogFields, message: string): void;
}

export interface LogFields {
  readonly event: string;
  readonly [field: string]: unknown;
}

export class PinoLog extends Log {
  readonly #pino: PinoLogger;
  constructor(level: string, destination?: { write(line: string): void }) {
    super();
    const options = {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      base: null,
      formatters: { level: (label: string) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
      redact: { paths: ['password', 'token', 'authorization', '*.password', '*.token'], censor: '***' },
    };
    this.#pino = destination === undefined ? pino(options) : pino(options, destination);
  }
  override info(fields: LogFields, message: string): void {
    this.#pino.info(fields, message);
  }
  override warn(fields: LogFields, message: string): void {
    this.#pino.warn(fields, message);
  }
  override error(fields: LogFields, message: string): void {
    this.#pino.error(fields, message);
  }
  override debug(fields: LogFields, message: string): void {
    this.#pino.debug(fields, message);
  }
}
