import { readFile } from 'node:fs/promises';
import { titledSlices } from '../../../../src/app/config-slices.js';
import { configurationPage, envExample } from '../../../../src/platform/config/describe.js';

describe('the documents made from the configuration schema', () => {
  it('are up to date: run `npx silowatch config --write` after a change', async () => {
    expect(await readFile('docs/configuration.md', 'utf8')).toBe(configurationPage(titledSlices));
    expect(await readFile('.env.example', 'utf8')).toBe(envExample(titledSlices));
  });

  it('describe every variable with an example', () => {
    const bare = titledSlices.flatMap(({ slice }) =>
      Object.entries(slice.shape).filter(([, field]) => {
        const meta = (field as { meta(): Record<string, unknown> | undefined }).meta() ?? {};
        return typeof meta['description'] !== 'string' || typeof meta['example'] !== 'string';
      }),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('name no variable twice', () => {
    const names = titledSlices.flatMap(({ slice }) => Object.keys(slice.shape));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
