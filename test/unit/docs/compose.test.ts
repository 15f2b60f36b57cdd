import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { configSlices } from '../../../src/app/config-slices.js';

const top = process.cwd();
const read = (file: string): string => readFileSync(path.join(top, file), 'utf8');
const variables = new Set(configSlices.flatMap((slice) => Object.keys(slice.shape)));

interface Compose {
  readonly services: Record<
    string,
    { environment?: Record<string, string>; volumes?: string[]; secrets?: string[] } | undefined
  >;
  readonly secrets: Record<string, { file: string }>;
}
const compose = parse(read('docker-compose.yml')) as Compose;

describe('docker-compose.yml', () => {
  it('sets only variables that the service has, and one of Node’s own', () => {
    const set = Object.keys(compose.services['silowatch']?.environment ?? {}).map((name) => name.replace(/_FILE$/, ''));
    expect(set.filter((name) => !variables.has(name))).toEqual(['NODE_EXTRA_CA_CERTS']);
  });

  it('mounts only files that exist', () => {
    const sources = Object.values(compose.services).flatMap((service) => service?.volumes ?? []);
    const files = sources.map((volume) => volume.split(':')[0] ?? '').filter((source) => source.startsWith('./'));
    expect(files.filter((file) => !existsSync(path.join(top, file)))).toEqual([]);
  });

  it('declares each secret that a service takes, and make-secrets.sh makes it', () => {
    const taken = new Set(Object.values(compose.services).flatMap((service) => service?.secrets ?? []));
    expect([...taken].sort()).toEqual(Object.keys(compose.secrets).sort());
    const script = read('deploy/compose/make-secrets.sh').replaceAll('${role}', 'owner service worker');
    const words: readonly string[] = `${script} ${read('deploy/kafka/make-certificate.sh')}`.match(/\w+/g) ?? [];
    const missing = [...taken].filter((name) => !words.includes(name) && !/^database_\w+_url$/.test(name));
    expect(missing).toEqual([]);
  });
});

it('the Dockerfile copies only what the project or its build has', () => {
  const built = ['dist', 'dist-dashboard', 'node_modules'];
  const copied = [...read('Dockerfile').matchAll(/^COPY --from=build \/app\/(\S+)/gm)].map((match) => match[1] ?? '');
  expect(copied.length).toBeGreaterThan(5);
  expect(copied.filter((name) => !built.includes(name) && !existsSync(path.join(top, name)))).toEqual([]);
});
