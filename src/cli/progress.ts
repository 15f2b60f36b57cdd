import { Presets, SingleBar } from 'cli-progress';
import { stat } from 'node:fs/promises';

/** Shows how far reading has come, on stderr and only on a terminal. */
export interface Progress {
  add(amount: number): void;
  stop(): void;
}

const SILENT: Progress = { add: () => undefined, stop: () => undefined };

/** A bar over the bytes of the files; silent for stdin, whose length nobody knows. */
export async function progressOver(files: readonly string[]): Promise<Progress> {
  if (!process.stderr.isTTY || files.includes('-')) return SILENT;
  let total = 0;
  for (const file of files) total += await sizeOf(file);
  return progressTo(total);
}

/** A bar over a known amount of anything. */
export function progressTo(total: number): Progress {
  if (!process.stderr.isTTY) return SILENT;
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}% | {duration_formatted}',
      etaBuffer: 50,
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
      fps: 8,
    },
    Presets.shades_classic,
  );
  bar.start(Math.max(total, 1), 0);
  return { add: (amount) => bar.increment(amount), stop: () => bar.stop() };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    // Reading it will say why.
    return 0;
  }
}
