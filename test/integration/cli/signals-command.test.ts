import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { EmbeddedPostgres } from '../../../src/platform/database/embedded-postgres.js';
import { until } from '../mail/mailbox.js';
import { accessLine } from '../pipeline/records.js';

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL('../../../bin/silowatch.mjs', import.meta.url));

describe('silowatch signals', () => {
  let data: string;
  let env: NodeJS.ProcessEnv;
  let detecting: ChildProcess | undefined;
  beforeEach(async () => {
    data = await mkdtemp(path.join(tmpdir(), 'silowatch-signals-'));
    env = { ...process.env, SILOWATCH_DATA: data, SIGNALS_PARTITIONS: '2', PORT: '0' };
  });
  afterEach(async () => {
    detecting?.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
  });

  const rowsOf = async (sql: string): Promise<unknown[]> => {
    const postgres = await EmbeddedPostgres.start({ folder: path.join(data, 'postgres') });
    const client = new pg.Client({ connectionString: postgres.superuserUrl('silowatch') });
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
      await postgres.stop();
    }
  };

  it('says which partitions are stopped, and lets them be read where it is told', async () => {
    await run(COMMAND, ['silo', 'add', 'harbor-bakery', '--shipper', 'none'], { env });
    const none = await run(COMMAND, ['signals', 'resume', '--from', 'start'], { env });
    expect(none.stdout).toBe('no partition of silowatch.signals is stopped\n');
    await rowsOf(`insert into correlate_partitions (partition, epoch, position, stopped_at)
      values (0, 4, 500, '2026-03-01T09:00:00Z'), (1, 4, 0, null)`);
    const place = 'partition 0: position 500 stopped since 2026-03-01T09:00:00.000Z; the log has 0 to 0';
    await expect(run(COMMAND, ['signals', 'resume'], { env })).rejects.toMatchObject({
      stdout: `${place}\n`,
      stderr: expect.stringContaining('add --from start, position or end') as string,
    });
    await expect(run(COMMAND, ['signals', 'resume', '--from', 'position'], { env })).rejects.toMatchObject({
      stderr: expect.stringContaining('not in the log: 0') as string,
    });
    const { stdout } = await run(COMMAND, ['signals', 'resume', '--from', 'start'], { env });
    expect(stdout).toContain('partition 0 reads on at 0');
    expect(
      await rowsOf('select partition, epoch, position, stopped_at from correlate_partitions order by partition'),
    ).toEqual([
      { partition: 0, epoch: '5', position: '0', stopped_at: null },
      { partition: 1, epoch: '4', position: '0', stopped_at: null },
    ]);
  }, 180_000);

  it('resize counts what is left, with the Postgres that it started itself, and moves', async () => {
    await run(COMMAND, ['silo', 'add', 'harbor-bakery', '--shipper', 'none'], { env });
    const file = path.join(data, 'access.log');
    const attack = accessLine(new Date(), '/?q=%27%20union%20select%201--', '192.0.2.7', 200);
    await writeFile(file, `${attack}\n`.repeat(3));
    await run(COMMAND, ['replay', '--tenant', 'harbor-bakery', '--stream', 'access', file], { env });
    // Detects, and counts nothing.
    detecting = spawn(COMMAND, ['serve'], {
      env: { ...env, SILOWATCH_ROLES: 'detect' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [said, events] = ['', 0];
    detecting.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(
      async () => {
        const url = /"url":"([^"]+)"/.exec(said)?.[1];
        const metrics = url === undefined ? '' : await (await fetch(`${url}/metrics`)).text();
        events = Number(/^silowatch_events_total.* (\d+)$/m.exec(metrics)?.[1]);
        return events === 3;
      },
      'the three lines to be read',
      60_000,
    );
    detecting.kill('SIGTERM');
    await once(detecting, 'exit');
    const { stdout } = await run(COMMAND, ['signals', 'resize', '3', '--yes'], { env });
    expect(stdout).toMatch(/counting what is left: signals of partition \d from \d+ on/);
    expect(stdout).toContain('done: start every instance with SIGNALS_PARTITIONS=3');
    expect(await rowsOf(`select count, tenant_id from alerts where rule_title like '%SQL injection%'`)).toEqual([
      { count: '3', tenant_id: 'harbor-bakery' },
    ]);
    expect(await rowsOf('select signals_partitions from correlate_log')).toEqual([{ signals_partitions: 3 }]);
  }, 180_000);
});
