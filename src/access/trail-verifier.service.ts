import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { GENESIS, linkFault } from './trail-chain.js';
import { TrailChainRepository } from './trail-chain.repository.js';
import { TrailHeads } from './trail-heads.js';

const PAGE = 5000;

export interface TrailVerdict {
  readonly entries: number;
  readonly heads: number;
  /** The first thing that does not fit, in one sentence; undefined when the trail is whole. */
  readonly fault: string | undefined;
}

/** Follows the whole chain and compares it with the signed heads, which lie outside the database. */
@Injectable()
export class TrailVerifier {
  constructor(
    private readonly database: Database,
    private readonly chain: TrailChainRepository,
    private readonly heads: TrailHeads,
  ) {}

  async verify(): Promise<TrailVerdict> {
    const { heads, faults } = await this.heads.read();
    // The oldest head of each number: a chain made anew gets new heads from the unsuspecting service.
    const expected = new Map([...heads].reverse().map((head) => [head.seq, head.chainHash]));
    const walked = await this.walk(expected);
    const lastHead = heads.reduce((highest, head) => Math.max(highest, head.seq), 0);
    const stray = await this.database.transaction(system('operator'), (tx) => this.chain.firstStray(tx));
    const fault =
      walked.fault ??
      faults[0] ??
      (lastHead > walked.entries
        ? `seals ${walked.entries + 1} to ${lastHead} are missing: a signed head covers them`
        : undefined) ??
      (stray === undefined ? undefined : `entry ${stray} was put in beside the service`);
    return { entries: walked.entries, heads: heads.length, fault };
  }

  private async walk(expected: ReadonlyMap<number, string>): Promise<{ entries: number; fault: string | undefined }> {
    let previous = { seq: 0, chainHash: GENESIS };
    for (;;) {
      const after = previous.seq;
      const page = await this.database.transaction(system('operator'), (tx) => this.chain.page(tx, after, PAGE));
      for (const { seal, row } of page) {
        const fault = linkFault(previous, seal, row);
        if (fault !== undefined) return { entries: previous.seq, fault };
        const signed = expected.get(seal.seq);
        if (signed !== undefined && signed !== seal.chainHash) {
          return {
            entries: previous.seq,
            fault: `seal ${seal.seq}: differs from the signed head: the chain was made anew`,
          };
        }
        previous = seal;
      }
      if (page.length < PAGE) return { entries: previous.seq, fault: undefined };
    }
  }
}
