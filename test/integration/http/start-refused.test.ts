import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from '../../../src/app/serve.js';
import { testService } from '../../harness/service.js';

describe('the start is refused in one line', () => {
  it('when the port is in use, before the database is touched', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const refused = serve({ PORT: String(port), SILOWATCH_DATA: '/nowhere/at/all' });
    await expect(refused).rejects.toMatchObject({
      lines: [`PORT: ${port} is in use by another process: stop it, or set PORT to a free one. Example: PORT=3001`],
    });
    await new Promise((resolve) => other.close(resolve));
  });

  it('when Postgres does not answer, without its password', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-refused-'));
    const url = 'postgres://silowatch_service:hunter2@127.0.0.1:9/silowatch';
    const env = { PORT: '0', SILOWATCH_DATA: folder, DATABASE_URL: url, DATABASE_WORKER_URL: url };
    const error = (await serve(env).catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toMatch(/^DATABASE_URL: Postgres cannot be used: ECONNREFUSED/);
    expect(error.message).not.toContain('hunter2');
    await rm(folder, { recursive: true });
  });

  it('when only one of the database’s addresses is set', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-refused-'));
    const env = { PORT: '0', SILOWATCH_DATA: folder, DATABASE_URL: 'postgres://a@127.0.0.1/b' };
    await expect(serve(env)).rejects.toMatchObject({
      lines: [expect.stringMatching(/^DATABASE_WORKER_URL: must be set/)],
    });
    await rm(folder, { recursive: true });
  });

  it('with status 2 and nothing else on the terminal', async () => {
    const bin = path.resolve('bin/silowatch.mjs');
    expect(existsSync('dist/cli/main.js')).toBe(true);
    const env = { PATH: process.env['PATH'], PORT: 'abc', LOG_LEVEL: 'loud' };
    const result = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [bin, 'serve'], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code, stdout, stderr }),
      );
    });
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^silowatch: PORT: must be a number/),
      expect.stringMatching(/^silowatch: LOG_LEVEL: /),
    ]);
  });
});

describe('the shutdown', () => {
  it('takes nothing new, ends what is open and closes every connection', async () => {
    const service = await testService({ env: { SILOWATCH_ROLES: 'api,respond' } });
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.stop();
    await expect(fetch(`${service.url}/healthz`)).rejects.toThrow();
    expect(service.logLines.at(-1)).toContain('service.stopped');
    expect(service.platform.jobs.isRunning).toBe(false);
  });
});
