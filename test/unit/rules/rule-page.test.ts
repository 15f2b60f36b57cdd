import { readFileSync } from 'node:fs';
import { rulePage } from '../../../src/cli/rule-page.js';

it('docs/rules.md is what npm run docs:rules writes', async () => {
  expect(readFileSync('docs/rules.md', 'utf8')).toBe(await rulePage());
});
