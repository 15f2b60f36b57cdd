import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import { type Source, sourcesOf } from './source.js';

/** Which topics are read now, and what is known of each. Kept in memory; asked anew whenever a topic may have been made anew. */
@Injectable()
export class SourceDirectory {
  private sources: ReadonlyMap<string, Source> = new Map();

  constructor(
    private readonly database: Database,
    private readonly silos: SiloDirectory,
  ) {}

  /** Reads the directory again and returns the topics of all active silos. */
  async refresh(): Promise<readonly string[]> {
    const silos = await this.database.transaction(system('silo-directory'), (tx) => this.silos.list(tx));
    this.sources = sourcesOf(silos.filter(({ state }) => state === 'active'));
    return [...this.sources.keys()];
  }

  /** As last read; undefined for a topic of no active silo. */
  find(topic: string): Source | undefined {
    return this.sources.get(topic);
  }
}
