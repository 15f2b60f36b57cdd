import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';

const top = process.cwd();
const documents = [
  ...readdirSync(top).filter((file) => file.endsWith('.md')),
  ...readdirSync(path.join(top, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
  ...readdirSync(path.join(top, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|conf)$/.test(file))
    .map((file) => path.join('examples', file)),
  ...readdirSync(path.join(top, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('README.md'))
    .map((file) => path.join('src', file)),
];
const read = (file: string): string => readFileSync(path.join(top, file), 'utf8');
const program = new Command();

/** Options that a line of the command gives but the command does not have; for an unknown command, its name. */
function unknownOptions(line: string): string[] {
  const words = line.replace(/"[^"]*"|'[^']*'/g, 'quoted').split(/\s+/);
  let at = program;
  const path: string[] = [];
  for (const word of words) {
    const next = at.commands.find((command) => command.name() === word);
    if (next === undefined) break;
    path.push(word);
    at = next;
  }
  if (path.length === 0) return words.slice(0, 1);
  const known = at.options.flatMap(({ long, short }) => [long, short]);
  return words.filter((word) => /^--?[a-z]/.test(word) && word !== '--help' && !known.includes(word));
}

beforeAll(async () => {
  const folder = path.join(top, 'src/cli');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.command.ts'))) {
    const command = (await import(path.join(folder, file))) as { register: (to: Command) => void };
    command.register(program);
  }
}, 120_000);

const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);

describe.each(documents)('%s', (document) => {
  const text = read(document);

  it('links only to files that exist', () => {
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target));
    const missing = targets.filter((target) => !existsSync(path.resolve(top, path.dirname(document), target)));
    expect(missing).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run ([a-z:-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it('names only commands that exist', () => {
    const named = new Set([...text.matchAll(/npx silowatch ([a-z-]+)/g)].map((match) => match[1] ?? ''));
    const missing = [...named].filter((name) => !existsSync(path.join(top, 'src/cli', `${name}.command.ts`)));
    expect(missing).toEqual([]);
  });

  it('gives only options that the commands have', () => {
    const lines = [...text.matchAll(/npx silowatch ([^\n`#&|]+)/g)].map((match) => match[1]?.trim() ?? '');
    const wrong = lines.flatMap((line) => unknownOptions(line).map((option) => `${line}: ${option}`));
    expect(wrong).toEqual([]);
  });
});
