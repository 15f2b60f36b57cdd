import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const COMMAND = path.resolve(import.meta.dirname, '../../../bin/silowatch.mjs');
const RULE = `title: Any failure
id: 7a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01
logsource: { product: silo }
detection: { selection: { outcome: failure }, condition: selection }
`;

interface Ran {
  readonly sha256: string;
  readonly stats: { readonly events: number; readonly matches: number };
}

/** What the command writes to stdout, as its hash, and its figures. */
async function match(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, 'match', '--stats', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const hash = createHash('sha256');
  let told = '';
  child.stdout.on('data', (bytes: Buffer) => hash.update(bytes));
  child.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return { sha256: hash.digest('hex'), stats: JSON.parse(told.trimEnd().split('\n').at(-1) ?? '') as Ran['stats'] };
}

describe('match on two cores', () => {
  it('writes the matches of a long log in the order of its lines, the second thread helping or not', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'silowatch-match-'));
    writeFileSync(path.join(folder, 'rule.yml'), RULE);
    const file = path.join(folder, 'events.ndjson');
    const text = 'x'.repeat(1_000);
    let lines: string[] = [];
    const expected = createHash('sha256');
    for (let line = 1; line <= 300_000; line++) {
      const isFailure = line % 7 === 0 || line % 11 === 0;
      lines.push(
        line % 1000 === 1 ? 'no event' : `{"outcome":"${isFailure ? 'failure' : 'success'}","text":"${text}"}`,
      );
      if (isFailure && line % 1000 !== 1) {
        expected.update(`{"line":${line},"rule":"7a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01"}\n`);
      }
      if (line % 10_000 === 0) {
        appendFileSync(file, `${lines.join('\n')}\n`);
        lines = [];
      }
    }
    const ran = await match('--all-rules', '--rules', path.join(folder, 'rule.yml'), file);
    rmSync(folder, { recursive: true });
    expect(ran.stats.events).toBe(299_700);
    expect(ran.sha256).toBe(expected.digest('hex'));
  });
});
