import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Fenced } from '../platform/event-log/event-log.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import { SleepWatch } from './sleep-watch.service.js';
import { type Source, sourcesOf } from './source.js';

/** Which topics are read now, and what is known of each. Kept in memory; asked anew whenever a topic may have been made anew. */
@Injectable()
export class SourceDirectory {
  private sources: ReadonlyMap<string, Source> = new Map();
  /** The incarnation of each topic when its reader took it up. */
  private readonly taken = new Map<string, number>();
  /** `SleepWatch.wakings` when what is known was asked for. */
  private askedAt = 0;
  /** The reading under way: what began before a call may have seen too little for it. */
  private present: Promise<void> = Promise.resolve();
  /** The reading after it, for those who called meanwhile. */
  private next: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly silos: SiloDirectory,
    private readonly sleep: SleepWatch,
  ) {}

  /** The topics of all active silos, for a reader to take up. */
  async discover(): Promise<readonly string[]> {
    await this.refresh();
    for (const topic of this.taken.keys()) if (!this.sources.has(topic)) this.taken.delete(topic);
    for (const [topic, { incarnation }] of this.sources) {
      if (!this.taken.has(topic)) this.taken.set(topic, incarnation);
    }
    return [...this.sources.keys()];
  }

  /** Reads the directory again. Calls made while it is being read share the reading after it: at the start every partition asks. */
  refresh(): Promise<void> {
    this.next ??= this.present.then(() => {
      this.next = undefined;
      const reading = this.read();
      this.present = reading.catch(() => undefined);
      return reading;
    });
    return this.next;
  }

  private async read(): Promise<void> {
    const { wakings } = this.sleep;
    const silos = await this.database.transaction(system('silo-directory'), (tx) => this.silos.list(tx));
    this.sources = sourcesOf(silos.filter(({ state }) => state === 'active'));
    this.askedAt = wakings;
  }

  /** The incarnation of which a reader took this topic up; undefined where none did yet. */
  takenUp(topic: string): number | undefined {
    return this.taken.get(topic);
  }

  /** As last read; undefined for a topic of no active silo. */
  find(topic: string): Source | undefined {
    return this.sources.get(topic);
  }

  /**
   * Whose record was just read from this topic. Throws Fenced where the topic was made anew since its reader took it up: a reader that slept
   * meanwhile goes on at a position of the old topic, and must find its place in the new one. So does each of its partitions that is in hand,
   * which is why what was taken is looked up before anything is waited for.
   */
  async sourceOf(topic: string, mayBeNew: boolean, taken = this.taken.get(topic)): Promise<Source> {
    if (mayBeNew || this.askedAt !== this.sleep.wakings) await this.refresh();
    const source = this.sources.get(topic);
    if (source === undefined) throw new Error(`${topic} belongs to no active silo`);
    if (taken === source.incarnation) return source;
    this.taken.set(topic, source.incarnation);
    if (taken !== undefined) throw new Fenced(`${topic} was made anew`);
    return source;
  }
}
