/** The service cannot start as it is set up: one line a reason, for the operator's terminal. The process ends with status 2. */
export class StartRefused extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'StartRefused';
    this.lines = lines;
  }
}
