import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';

/** Less than what waits for the sleepers: the topics of a silo go 20 s after its removal is written down, a resize listens for 17 s. */
const SLEPT_MS = 10_000;

/** Notices that this process slept (was stopped, or its machine suspended): what it knows is of before. */
@Injectable()
export class SleepWatch {
  private awakeMs: number;
  private count = 1;

  constructor(private readonly clock: Clock) {
    this.awakeMs = clock.nowMs();
  }

  /** To be called every second or so: who does not call was asleep. */
  stayAwake(): void {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.awakeMs > SLEPT_MS) this.count += 1;
    this.awakeMs = nowMs;
  }

  /** How often it woke, from 1; what was asked under a lower count may have been answered before the last sleep. */
  get wakings(): number {
    this.stayAwake();
    return this.count;
  }
}
