import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuleFile } from '../sigma/index.js';

/** The rules that Silowatch ships with, from `src/` and `dist/` alike. */
export const SHIPPED_RULES = fileURLToPath(new URL('../../rules/', import.meta.url));

/** A rule file beyond this is no rule file (bytes). */
const MAX_FILE_BYTES = 1024 * 1024;

export interface RuleFiles {
  readonly files: readonly RuleFile[];
  /** What could not be read, one line each. */
  readonly problems: readonly string[];
  /** Changes when any file does. */
  readonly fingerprint: string;
}

/** Reads all rules below these folders, in a stable order. Test files beside rules are passed over. */
export async function readRuleFiles(folders: readonly string[]): Promise<RuleFiles> {
  const files: RuleFile[] = [];
  const problems: string[] = [];
  const stamps: string[] = [];
  for (const folder of folders) {
    for (const file of await namesIn(folder, problems)) {
      try {
        const { size, mtimeMs } = await stat(file);
        stamps.push(`${file} ${size} ${mtimeMs}`);
        if (size > MAX_FILE_BYTES) problems.push(`${file}: larger than ${MAX_FILE_BYTES} bytes`);
        else files.push({ path: file, text: await readFile(file, 'utf8') });
      } catch (error) {
        problems.push(`${file}: ${(error as NodeJS.ErrnoException).code ?? 'cannot be read'}`);
      }
    }
  }
  return { files, problems, fingerprint: stamps.join('\n') };
}

async function namesIn(folder: string, problems: string[]): Promise<readonly string[]> {
  try {
    const names = await readdir(folder, { recursive: true });
    return names
      .filter((name) => /\.ya?ml$/.test(name) && !/\.tests\.ya?ml$/.test(name))
      .sort()
      .map((name) => path.join(folder, name));
  } catch (error) {
    problems.push(`${folder}: ${(error as NodeJS.ErrnoException).code ?? 'cannot be read'}`);
    return [];
  }
}
