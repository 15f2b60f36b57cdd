import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const top = process.cwd();
const documents = [
  ...readdirSync(top).filter((file) => file.endsWith('.md')),
  ...readdirSync(path.join(top, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
];
const read = (file: string): string => readFileSync(path.join(top, file), 'utf8');
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
});
