import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '../../../../src/app/platform.js';
import { StartRefused } from '../../../../src/app/start-refused.js';
import { httpConfig, publicUrl } from '../../../../src/platform/http/http.config.js';

function lines(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof StartRefused) return error.lines;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('names each wrong variable with what is wrong and an example', () => {
    expect(lines({ PORT: '99999', LOG_LEVEL: 'loud', SILOWATCH_ROLES: 'api,cook' })).toEqual([
      'SILOWATCH_ROLES: "cook" is not one of api, detect, correlate, respond. Example: SILOWATCH_ROLES=api,respond',
      'PORT: must be 65535 or less. Example: PORT=3000',
      expect.stringMatching(/^LOG_LEVEL: .* Example: LOG_LEVEL=info$/),
    ]);
  });

  it('asks off loopback for an https address and a metrics token', () => {
    const wrong = lines({ HOST: '0.0.0.0', PUBLIC_URL: 'http://watch.example.com' });
    expect(wrong[0]).toMatch(/^PUBLIC_URL: must be set to an https URL/);
    expect(wrong[1]).toMatch(/^METRICS_TOKEN: must be set/);
    expect(lines({ HOST: '0.0.0.0', PUBLIC_URL: 'https://watch.example.com', METRICS_TOKEN: 'x' })).toEqual([]);
  });

  it('never repeats the value of a secret', () => {
    expect(lines({ TRUSTED_PROXIES: 'nonsense', METRICS_TOKEN: 'hunter2' }).join('')).not.toContain('hunter2');
    expect(JSON.stringify(readConfig({ METRICS_TOKEN: 'hunter2' }).get(httpConfig))).not.toContain('hunter2');
  });

  it('takes secrets from files, without their last line break', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-config-'));
    const file = path.join(folder, 'token');
    await writeFile(file, 'from a file\n');
    expect(readConfig({ METRICS_TOKEN_FILE: file }).get(httpConfig).METRICS_TOKEN?.reveal()).toBe('from a file');
    await rm(folder, { recursive: true });
    expect(lines({ METRICS_TOKEN_FILE: file })[0]).toMatch(/^METRICS_TOKEN_FILE: the file cannot be read/);
  });

  it('counts an empty variable as not set', () => {
    expect(readConfig({ PORT: '' }).get(httpConfig).PORT).toBe(3000);
  });

  it('shows itself as localhost unless told otherwise', () => {
    expect(publicUrl(readConfig({}).get(httpConfig))).toBe('http://localhost:3000');
    expect(publicUrl(readConfig({ PUBLIC_URL: 'https://watch.example.com/' }).get(httpConfig))).toBe(
      'https://watch.example.com',
    );
  });
});
