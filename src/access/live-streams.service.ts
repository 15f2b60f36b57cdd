import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Response } from 'express';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Ids } from '../platform/ids/ids.js';
import { type Change } from '../platform/live/live.js';
import { LiveListener } from '../platform/live/live-listener.js';
import { Log } from '../platform/logging/logging.js';
import { LiveHistory, mayHear } from './live-changes.js';
import { SessionRepository } from './session.repository.js';
import type { Staff } from './staff.js';

const HEARTBEAT_MS = 15_000;
/** A client that reads so slowly is cut off; it comes back and is told what it missed. */
const MAX_UNSENT_BYTES = 256 * 1024;

interface Listener {
  readonly staff: Staff;
  readonly response: Response;
}

/** The live streams of all signed-in pages: ids of what changed, to those who may see it, until their session ends. */
@Injectable()
export class LiveStreams implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly listeners = new Set<Listener>();
  private readonly history: LiveHistory;
  private readonly source: LiveListener;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
    private readonly sessions: SessionRepository,
    ids: Ids,
  ) {
    this.history = new LiveHistory(ids.token().slice(0, 8));
    const { options } = database.source;
    this.source = new LiveListener(options.type === 'postgres' ? (options.url ?? '') : '', log, {
      onChange: (change) => this.send(change),
      onSessionEnd: ({ kind, id }) =>
        this.endWhere(({ staff }) => (kind === 'session' ? staff.sessionId === id : staff.id === id)),
      onGap: () => this.reset(),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.source.start();
    this.timer = setInterval(() => void this.beat(), HEARTBEAT_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.endWhere(() => true);
    await this.source.stop();
  }

  /** Keeps `response` open as an event stream; `lastId` is what the page saw last. */
  open(staff: Staff, response: Response, lastId: string | undefined): void {
    const listener = { staff, response };
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    const missed = this.history.since(lastId);
    const lines =
      missed === undefined
        ? RESET
        : missed
            .filter(({ change }) => mayHear(staff, change))
            .map(frame)
            .join('');
    response.write(`retry: 2000\n\n${lines}`);
    this.listeners.add(listener);
    response.once('close', () => this.listeners.delete(listener));
  }

  private send(change: Change): void {
    const kept = this.history.add(change);
    for (const { staff, response } of this.listeners) {
      if (!mayHear(staff, change)) continue;
      if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
      else response.write(frame(kept));
    }
  }

  private reset(): void {
    this.history.forget();
    for (const { response } of this.listeners) response.write(RESET);
  }

  private endWhere(isEnded: (listener: Listener) => boolean): void {
    for (const listener of [...this.listeners].filter(isEnded)) {
      // At once, not when the connection closes: a slow reader's stays open for a while, and nothing may be written after its end.
      this.listeners.delete(listener);
      listener.response.end('event: end\ndata: {}\n\n');
    }
  }

  private async beat(): Promise<void> {
    if (this.listeners.size === 0) return;
    const ids = [...new Set([...this.listeners].map(({ staff }) => staff.sessionId))];
    try {
      const live = await this.database.transaction(system('sign-in'), (tx) => this.sessions.liveAmong(tx, ids));
      this.endWhere(({ staff }) => !live.has(staff.sessionId));
    } catch (error) {
      this.log.warn({ event: 'live.check_failed', error }, 'sessions of live streams could not be checked');
    }
    for (const { response } of this.listeners) response.write(': alive\n\n');
  }
}

/** Something may have been missed: the page loads what it shows anew. */
const RESET = 'event: reset\ndata: {}\n\n';

const frame = ({ id, change }: { readonly id: string; readonly change: Change }): string =>
  `id: ${id}\nevent: change\ndata: ${JSON.stringify({ topic: change.topic, id: change.id })}\n\n`;
