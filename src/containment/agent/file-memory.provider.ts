import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { AgentMemory } from './agent-memory.js';
import type { HookAnswer } from './hook.js';

const line = z.union([
  z.object({ jti: z.string(), until: z.number() }),
  z.object({ decision: z.string(), status: z.number(), statusText: z.string(), at: z.number() }),
]);

/** Answers are repeated to a repeated decision for this long. */
const KEEP_ANSWERS_MS = 7 * 24 * 3_600_000;
/** Tokens are kept past their end by more than any tolerance of clocks. */
const KEEP_TOKENS_MS = 3_600_000;

/** Memory in a file of JSON lines, synchronised to disk before a command is acted on; rewritten without what is past at each start. */
export class FileMemory implements AgentMemory {
  readonly #file: FileHandle;
  readonly #tokens: Set<string>;
  readonly #answers: Map<string, HookAnswer>;
  readonly #nowMs: () => number;

  private constructor(file: FileHandle, tokens: Set<string>, answers: Map<string, HookAnswer>, nowMs: () => number) {
    this.#file = file;
    this.#tokens = tokens;
    this.#answers = answers;
    this.#nowMs = nowMs;
  }

  static async open(path: string, nowMs: () => number): Promise<FileMemory> {
    const now = nowMs();
    const tokens = new Set<string>();
    const answers = new Map<string, HookAnswer>();
    const kept: string[] = [];
    for (const text of (await readOrEmpty(path)).split('\n')) {
      // The last line may be cut by a crash; its command was then not acted on.
      const parsed = text === '' ? undefined : line.safeParse(parseOrNull(text)).data;
      if (parsed === undefined) continue;
      if ('jti' in parsed) {
        if (parsed.until + KEEP_TOKENS_MS < now) continue;
        tokens.add(parsed.jti);
      } else {
        if (parsed.at + KEEP_ANSWERS_MS < now) continue;
        answers.set(parsed.decision, { status: parsed.status, statusText: parsed.statusText });
      }
      kept.push(text);
    }
    const copy = `${path}.new`;
    await writeFile(copy, kept.map((text) => `${text}\n`).join(''), { mode: 0o600 });
    await rename(copy, path);
    return new FileMemory(await open(path, 'a', 0o600), tokens, answers, nowMs);
  }

  async take(jti: string, expiresAtMs: number): Promise<boolean> {
    if (this.#tokens.has(jti)) return false;
    this.#tokens.add(jti);
    await this.#append({ jti, until: expiresAtMs });
    return true;
  }

  answerTo(decision: string): HookAnswer | undefined {
    return this.#answers.get(decision);
  }

  async remember(decision: string, answer: HookAnswer): Promise<void> {
    this.#answers.set(decision, answer);
    await this.#append({ decision, ...answer, at: this.#nowMs() });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #append(entry: z.infer<typeof line>): Promise<void> {
    await this.#file.write(`${JSON.stringify(entry)}\n`);
    await this.#file.datasync();
  }
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
