import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';

/** Less than what waits for the sleepers: the topics of a silo go 20 s after its removal is written down, a resize listens for 17 s. */
const SLEPT_MS = 10_000;

/** Notices that this process slept (was stopped, or its machine suspended): what it knows is of before. */
@Injectable()
export class SleepWatch {
  private awakeMs: number;
  private latestWakingMs: number;

  constructor(private readonly clock: Clock) {
    this.awakeMs = this.latestWakingMs = clock.nowMs();
  }

  /** To be called every second or so: who does not call was asleep. */
  stayAwake(): void {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.awakeMs > SLEPT_MS) this.latestWakingMs = nowMs;
    this.awakeMs = nowMs;
  }

  /** When it last woke: what was asked before may have been answered before. */
  get wokeMs(): number {
    this.stayAwake();
    return this.latestWakingMs;
  }
}
