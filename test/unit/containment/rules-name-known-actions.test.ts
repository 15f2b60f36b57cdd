import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findEntry } from '../../../src/containment/catalogue.js';
import { load } from '../../../src/sigma/index.js';

const files = readdirSync('rules', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yml') && !file.endsWith('.tests.yml'))
  .map((file) => ({ path: file, text: readFileSync(path.join('rules', file), 'utf8') }));

it('every action that a shipped rule proposes is in the catalogue, so that none is dropped in silence', () => {
  const { rules, correlations } = load(files);
  const unknown = [...rules, ...correlations].flatMap((rule) =>
    (rule.silowatch.incident?.containment ?? [])
      .filter((kind) => findEntry(kind) === undefined)
      .map((kind) => `${rule.title}: ${kind}`),
  );
  expect(unknown).toEqual([]);
});
