import pg from 'pg';
import type { Log } from '../logging/logging.js';
import { type Change, LIVE_CHANNEL } from './live.js';

/** Sessions that ended: `session:<id>` or `staff:<id>`. */
export const SESSIONS_CHANNEL = 'silowatch_sessions';

const MAX_WAIT_MS = 10_000;

export interface LiveHandlers {
  readonly onChange: (change: Change) => void;
  readonly onSessionEnd: (ended: { readonly kind: 'session' | 'staff'; readonly id: string }) => void;
  /** The connection was away: changes may have been missed. */
  readonly onGap: () => void;
}

/** The one connection that listens for the changes which transactions announce; it comes back by itself. */
export class LiveListener {
  readonly #url: string;
  readonly #log: Log;
  readonly #handlers: LiveHandlers;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #failures = 0;

  constructor(url: string, log: Log, handlers: LiveHandlers) {
    this.#url = url;
    this.#log = log;
    this.#handlers = handlers;
  }

  async start(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url, application_name: 'silowatch live', keepAlive: true });
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ channel, payload }) => this.#receive(channel, payload ?? ''));
    this.#client = client;
    try {
      await client.connect();
      await client.query(`listen ${LIVE_CHANNEL}; listen ${SESSIONS_CHANNEL}`);
    } catch {
      this.#lost(client);
      return;
    }
    if (this.#failures > 0) this.#handlers.onGap();
    this.#failures = 0;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #lost(client: pg.Client): void {
    if (this.#isStopped || this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    const waitMs = Math.min(250 * 2 ** this.#failures, MAX_WAIT_MS);
    this.#failures += 1;
    this.#log.warn({ event: 'live.connection_lost', waitMs }, 'live connection lost');
    this.#timer = setTimeout(() => void this.start(), waitMs);
  }

  #receive(channel: string, payload: string): void {
    if (channel === SESSIONS_CHANNEL) {
      const [kind, id] = payload.split(':');
      if ((kind === 'session' || kind === 'staff') && id !== undefined) this.#handlers.onSessionEnd({ kind, id });
      return;
    }
    try {
      this.#handlers.onChange(JSON.parse(payload) as Change);
    } catch {
      this.#log.warn({ event: 'live.unreadable' }, 'a live message cannot be read');
    }
  }
}
