import { type RuleFault } from '../model.js';

/** Turns offsets of one file into lines and columns. */
export class Source {
  #lineStarts: readonly number[] | undefined;

  constructor(
    readonly path: string,
    readonly text: string,
  ) {}

  placeOf(offset: number): RuleFault['at'] {
    const starts = (this.#lineStarts ??= lineStartsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.path, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Collects what is wrong in one document; a document with a fault does not load, the others of its file do. */
export class Report {
  readonly faults: RuleFault[] = [];
  readonly warnings: RuleFault[] = [];

  constructor(readonly source: Source) {}

  fault(code: string, at: number, message: string): void {
    this.faults.push({ code, message, at: this.source.placeOf(at) });
  }

  warn(code: string, at: number, message: string): void {
    this.warnings.push({ code, message, at: this.source.placeOf(at) });
  }
}
