import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findJars, requireJava } from '../../harness/maven.js';

describe('a missing prerequisite of the tests', () => {
  const faultOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) => String((error as Error).stack),
    );

  it('is named in one line, with the remedy: Java', async () => {
    expect(await faultOf(requireJava('no-such-java'))).toMatch(/^[^\n]*Java[^\n]* is missing[^\n]*: install [^\n]*$/);
  });

  it('is named in one line, with the remedy: Maven', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-pom-'));
    try {
      const pom = path.join(folder, 'pom.xml');
      await writeFile(pom, `<project><!-- ${folder} --></project>`);
      expect(await faultOf(findJars('no-such-mvn', pom))).toMatch(
        /^[^\n]*Maven[^\n]* is missing[^\n]*: install [^\n]*$/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
