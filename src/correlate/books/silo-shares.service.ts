import { Injectable } from '@nestjs/common';
import { StageMetrics } from '../../ingest/stage.metrics.js';
import { type SiloShare, sharesOf } from './silo-share.js';

/** What counting cost each silo: for its series at once, and until it is told for the database. */
@Injectable()
export class SiloShares {
  private untold = new Map<string, SiloShare>();

  constructor(private readonly metrics: StageMetrics) {}

  /** Of a transaction, in seconds; `tenants` has one entry a signal that it counted. */
  shareOut(tenants: readonly string[], seconds: number): void {
    const shares = sharesOf(tenants, seconds);
    for (const [silo, share] of shares) {
      this.metrics.siloSignals.inc({ silo }, share.signals);
      this.metrics.siloCommitSeconds.inc({ silo }, share.seconds);
    }
    this.add(shares);
  }

  /** What was not taken before, by silo. */
  take(): ReadonlyMap<string, SiloShare> {
    const taken = this.untold;
    this.untold = new Map();
    return taken;
  }

  /** Could not be told: it is taken again the next time. */
  giveBack(shares: ReadonlyMap<string, SiloShare>): void {
    this.add(shares);
  }

  private add(shares: ReadonlyMap<string, SiloShare>): void {
    for (const [silo, { signals, seconds }] of shares) {
      const before = this.untold.get(silo);
      this.untold.set(silo, {
        signals: signals + (before?.signals ?? 0),
        seconds: seconds + (before?.seconds ?? 0),
      });
    }
  }
}
