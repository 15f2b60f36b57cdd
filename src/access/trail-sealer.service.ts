import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { type Head, nextSeal, type Seal } from './trail-chain.js';
import { TrailChainRepository } from './trail-chain.repository.js';
import { TrailHeads } from './trail-heads.js';

const BATCH = 2000;

/** Chains new trail entries and signs the chain's head. */
@Injectable()
export class TrailSealer {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly chain: TrailChainRepository,
    private readonly heads: TrailHeads,
  ) {}

  /** Seals what is there; returns how many entries. Writers never wait for it, and of two instances one does it. */
  async seal(): Promise<number> {
    let count = 0;
    for (;;) {
      const batch = await this.sealBatch();
      count += batch;
      if (batch < BATCH) return count;
    }
  }

  private async sealBatch(): Promise<number> {
    const sealed = await this.database.transaction(system('audit-sealer'), async (tx) => {
      if (!(await this.chain.lock(tx))) return undefined;
      const rows = await this.chain.takeUnsealed(tx, BATCH);
      if (rows.length === 0) return undefined;
      const seals: Seal[] = [];
      let previous = await this.chain.last(tx);
      for (const row of rows) {
        const seal = nextSeal(previous, row);
        seals.push(seal);
        previous = seal;
      }
      await this.chain.append(tx, seals);
      return { count: seals.length, head: { ...previous, at: this.clock.now().toISOString() } };
    });
    if (sealed === undefined) return 0;
    const { seq, chainHash, at }: Head = sealed.head;
    await this.heads.append({ seq, chainHash, at });
    return sealed.count;
  }
}
