/** Writes to stdout and waits while the reader is slower; gathers small pieces. */
export class Output {
  #pending: string[] = [];
  #chars = 0;

  push(text: string): void {
    this.#pending.push(text);
    this.#chars += text.length;
  }

  async flush(atLeastChars = 0): Promise<void> {
    if (this.#chars === 0 || this.#chars < atLeastChars) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#chars = 0;
    if (process.stdout.write(text)) return;
    await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
  }
}
