import { type Skim, type Stretch } from '../model.js';
import { SKIM_BYTES, SKIM_END, SKIM_INDEX, SKIM_START } from './layout.js';
import { type Route } from './route.js';
import { type Scan } from './scan.js';

/** Tells of most events that no rule has to do with them. Each stretch is looked at once, under all its names. */
export class StretchSkim implements Skim {
  readonly #address: number;
  readonly #count: number;

  constructor(
    private readonly scan: Scan,
    private readonly route: Route,
    stretches: readonly Stretch[],
  ) {
    this.#count = stretches.length;
    this.#address = scan.allocate(stretches.length * SKIM_BYTES);
    for (const [at, stretch] of stretches.entries()) {
      scan.set(this.#address + at * SKIM_BYTES, SKIM_INDEX, route.indexOf(stretch));
    }
  }

  mayMatch(bytes: Buffer, stretches: Int32Array): boolean {
    const { scan } = this;
    scan.put(bytes);
    for (let stretch = 0; stretch < this.#count; stretch++) {
      const entry = this.#address + stretch * SKIM_BYTES;
      scan.set(entry, SKIM_START, stretches[stretch * 2] ?? -1);
      scan.set(entry, SKIM_END, stretches[stretch * 2 + 1] ?? -1);
    }
    return scan.skim(this.route.address, this.#address, this.#count);
  }
}
