/** The only source of "now". Tests bind a clock that they move by hand. */
export abstract class Clock {
  abstract now(): Date;
  nowMs(): number {
    return this.now().getTime();
  }
}

export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}

/** Starts at a given time and moves only when told to. */
export class ManualClock extends Clock {
  #ms: number;
  constructor(start: Date) {
    super();
    this.#ms = start.getTime();
  }
  override now(): Date {
    return new Date(this.#ms);
  }
  advanceMs(ms: number): void {
    this.#ms += ms;
  }
}
