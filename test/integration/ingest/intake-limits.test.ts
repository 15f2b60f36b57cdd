import { Agent, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { system } from '../../../src/platform/database/scope.js';
import { IntakeCounts } from '../../../src/ingest/intake/intake-counts.service.js';
import { IntakeTokenRepository } from '../../../src/silos/intake-token.repository.js';
import { until } from '../event-log/contract.js';
import { intakeRig, OPERATOR, sendTo, type IntakeRig, type Reply } from './intake-rig.js';

const LINE = '203.0.113.7 - - [27/Nov/2026:09:30:00 +0000] "GET / HTTP/1.1" 200 512 "-" "curl/8"';
const TEXT = { 'content-type': 'text/plain' };

let rig: IntakeRig;
let tenants = 0;
let tenant: string;
let token: string;
let bearer: Record<string, string>;

beforeAll(async () => {
  rig = await intakeRig({ INTAKE_BYTES_IN_FLIGHT: String(64 * 1024 * 1024) });
});
afterAll(() => rig.stop());
beforeEach(async () => {
  tenants += 1;
  tenant = `shop-${tenants}`;
  token = await rig.addSilo(tenant);
  bearer = { ...TEXT, authorization: `Bearer ${token}` };
});

const count = async (of = tenant): Promise<number> => (await rig.records(of, 'access')).length;
const isRefused = async (text: string): Promise<boolean> =>
  (await rig.send('/intake/access', LINE, { ...TEXT, authorization: `Bearer ${text}` })).status === 401;

describe('a token', () => {
  it('decides whose record it is, whatever the record says', async () => {
    const record = `{"tenant":"another","time":"2026-11-27T09:30:00Z","n":1}`;
    expect((await rig.send('/intake/access', record, { ...bearer, 'content-type': 'application/json' })).status).toBe(
      200,
    );
    const [parsed] = await rig.events(tenant, 'access');
    expect(parsed).toMatchObject({ ok: true, event: { claimedTenant: 'another' } });
  });

  it('is needed and must be one: none, nonsense, a wrong secret and another scheme are refused alike', async () => {
    const wrongSecret = token.slice(0, -3) + (token.endsWith('aaa') ? 'bbb' : 'aaa');
    const headers = [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${wrongSecret}` },
      { authorization: `Digest ${token}` },
    ];
    for (const one of headers) {
      const { status, headers: answered, json } = await rig.send('/intake/access', LINE, { ...TEXT, ...one });
      expect([status, answered['www-authenticate'], json.code]).toEqual([
        401,
        'Bearer realm="silowatch intake"',
        'INTAKE_TOKEN_REFUSED',
      ]);
    }
    expect(await count()).toBe(0);
  });

  it('is kept as a hash alone, never logged, and its changes are in the trail', async () => {
    await rig.send('/intake/access', LINE, bearer);
    await rig.tokens.rotate(tenant, 0, OPERATOR);
    await rig.tokens.revoke(tenant, OPERATOR);
    const { rows, actions } = await rig.service.db.database.transaction(system('operator'), async (tx) => ({
      rows: await tx.query<unknown[]>('select * from silo_intake_tokens'),
      actions: await tx.query<{ action: string; after: unknown }[]>(
        'select action, after from trail_entries where tenant_id = $1 order by id',
        [tenant],
      ),
    }));
    expect(actions.map(({ action }) => action)).toEqual([
      'silo.add',
      'intake_token.issue',
      'intake_token.rotate',
      'intake_token.revoke',
    ]);
    const secret = token.split('_')[2] ?? 'none';
    expect(JSON.stringify([rows, actions, rig.service.logLines])).not.toContain(secret);
  });

  it('goes on beside a new one for the overlap, and no longer', async () => {
    const next = await rig.tokens.rotate(tenant, 3_600_000, OPERATOR);
    expect([await isRefused(next), await isRefused(token)]).toEqual([false, false]);
    const last = await rig.tokens.rotate(tenant, 0, OPERATOR);
    await until('the former tokens end', async () => (await isRefused(token)) && (await isRefused(next)));
    expect(await isRefused(last)).toBe(false);
  });

  it('ends with its revocation, and with its silo', async () => {
    const other = `gone-${tenants}`;
    const otherToken = await rig.addSilo(other);
    expect([await isRefused(token), await isRefused(otherToken)]).toEqual([false, false]);
    await rig.tokens.revoke(tenant, OPERATOR);
    await rig.provisioning.remove(other, OPERATOR, 0);
    await until('both are refused', async () => (await isRefused(token)) && (await isRefused(otherToken)));
  });

  it('that is known holds while the database does not answer, one that is not is put off; what ended meanwhile is refused at once after', async () => {
    await rig.send('/intake/access', LINE, bearer);
    const newer = await rig.tokens.rotate(tenant, 3_600_000, OPERATOR);
    const holder = new pg.Client({ connectionString: rig.service.db.ownerUrl });
    await holder.connect();
    await holder.query('begin; lock table silo_intake_tokens in access exclusive mode');
    const sendAs = (text: string): Promise<Reply> =>
      rig.send('/intake/access', LINE, { ...TEXT, authorization: `Bearer ${text}` });
    const put = await sendAs(newer);
    expect([put.status, put.headers['retry-after'], put.json.code]).toEqual([503, '5', 'INTAKE_DIRECTORY_UNAVAILABLE']);
    const startedMs = performance.now();
    expect((await Promise.all(Array.from({ length: 20 }, () => sendAs(token)))).map(({ status }) => status)).toEqual(
      Array(20).fill(200),
    );
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    await holder.query('rollback');
    await holder.end();
    await until('the newer is known', async () => (await sendAs(newer)).status === 200);
    await rig.tokens.revoke(tenant, OPERATOR);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect([await isRefused(token), await isRefused(newer)]).toEqual([true, true]);
  });
});

describe('a body', () => {
  it('may hold ten thousand records', async () => {
    const body = Array.from({ length: 10_000 }, (_, n) => LINE.replace('GET /', `GET /${n}`)).join('\n');
    expect((await rig.send('/intake/access', body, bearer)).json).toEqual({
      accepted: 10_000,
      rejected: 0,
      errors: [],
    });
    expect(await count()).toBe(10_000);
  });

  it('may not hold more than twenty thousand', async () => {
    const { status, json } = await rig.send('/intake/access', 'x\n'.repeat(20_001), bearer);
    expect([status, json.code, await count()]).toEqual([413, 'INTAKE_RECORDS_TOO_LARGE', 0]);
  });

  it('is refused when it unpacks to more than 16 MiB, however small it came', async () => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
    const { status, json } = await rig.send('/intake/access', bomb, { ...bearer, 'content-encoding': 'gzip' });
    expect([status, json.code]).toEqual([413, 'INTAKE_BODY_TOO_LARGE']);
  });

  it('is refused when its records would hold more than 16 MiB beyond it, and what they held is free again', async () => {
    const attributes = Array.from({ length: 100 }, (_, n) => ({
      key: `k${n}`,
      value: { stringValue: 'A'.repeat(1000) },
    }));
    const ofRecords = (count: number): Buffer =>
      gzipSync(
        JSON.stringify({
          resourceLogs: [
            {
              resource: { attributes },
              scopeLogs: [{ logRecords: Array.from({ length: count }, () => ({ body: { stringValue: 'x' } })) }],
            },
          ],
        }),
      );
    const headers = { ...bearer, 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const { status } = await rig.send('/intake/access/v1/logs', ofRecords(20_000), headers);
    expect([status, await count()]).toEqual([413, 0]);
    expect((await rig.send('/intake/access/v1/logs', ofRecords(500), headers)).status).toBe(200);
    expect(await count()).toBe(500);
    const metrics = (await rig.send('/metrics', undefined, {}, 'GET')).body.toString();
    expect(metrics).toContain('silowatch_intake_bytes_in_flight 0\n');
  });

  it('that takes long leaves others their turn', async () => {
    const bodies: [string, string | Buffer, string][] = [
      ['', Buffer.alloc(16_000_000, '1 <'), 'text/plain'],
      ['', Buffer.alloc(16_000_000, '\n'), 'text/plain'],
      ['/services/collector/event', `{"event":{"a":[${'{},'.repeat(300_000)}1]}}`.repeat(15), 'application/json'],
    ];
    for (const [path, body, type] of bodies) {
      const sent = rig.send(`/intake/access${path}`, body, { ...bearer, 'content-type': type });
      const answer = { isThere: false };
      void sent.finally(() => (answer.isThere = true));
      let longestMs = 0;
      while (!answer.isThere) {
        const askedMs = performance.now();
        await rig.send('/healthz', undefined, {}, 'GET');
        longestMs = Math.max(longestMs, performance.now() - askedMs);
      }
      expect((await sent).status).toBeGreaterThanOrEqual(400);
      // A turn of the old lasted more than ten seconds.
      expect(longestMs).toBeLessThan(3_000);
    }
  });

  it('is refused by its announced length before it is sent', async () => {
    const answer = await new Promise<number>((resolve, reject) => {
      const sent = request(
        `${rig.service.url}/intake/access`,
        { method: 'POST', headers: { ...bearer, 'content-length': '99999999' } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
          sent.destroy();
        },
      );
      sent.on('error', reject);
      sent.flushHeaders();
    });
    expect(answer).toBe(413);
  });

  it('that is no gzip, that ends too early or that is packed otherwise is refused', async () => {
    const packed = { ...bearer, 'content-encoding': 'gzip' };
    const replies = [
      await rig.send('/intake/access', LINE, packed),
      await rig.send('/intake/access', gzipSync(LINE).subarray(0, 20), packed),
      await rig.send('/intake/access', LINE, { ...bearer, 'content-encoding': 'br' }),
      await rig.send('/intake/access', LINE, { ...bearer, 'content-type': 'application/xml' }),
      await rig.send('/intake/access', '', bearer),
      await rig.send('/intake/secrets', LINE, bearer),
    ];
    expect(replies.map(({ status, json }) => [status, json.code])).toEqual([
      [400, 'INTAKE_GZIP_INVALID'],
      [400, 'INTAKE_GZIP_INVALID'],
      [415, 'INTAKE_MEDIA_TYPE'],
      [415, 'INTAKE_MEDIA_TYPE'],
      [400, 'INTAKE_BODY_EMPTY'],
      [404, 'INTAKE_STREAM_NOT_FOUND'],
    ]);
    expect(await count()).toBe(0);
  });

  it('with a line of 5 MB is refused for it, and bytes that are no UTF-8 are kept as they are', async () => {
    const { status, json } = await rig.send('/intake/access', 'x'.repeat(5_000_000), bearer);
    expect([status, json.code, json.line]).toEqual([413, 'INTAKE_RECORD_TOO_LARGE', 1]);
    const odd = Buffer.from(LINE.replace('curl', 'cu\u00ff'), 'latin1');
    expect((await rig.send('/intake/access', odd, bearer)).json).toMatchObject({ accepted: 1 });
    const [record] = await rig.records(tenant, 'access');
    expect(record?.value?.equals(odd)).toBe(true);
  });

  it('after body comes over one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let connections = 0;
    const counted = (): void => void (connections += 1);
    const server: Server = rig.service.app.getHttpServer();
    server.on('connection', counted);
    for (const body of [LINE, 'no record', LINE]) {
      await sendTo(new URL('/intake/access', rig.service.url), agent, 'POST', body, bearer);
    }
    server.off('connection', counted);
    agent.destroy();
    expect([connections, await count()]).toEqual([1, 3]);
  });
});

describe('when the log does not acknowledge', () => {
  /** Holds what appends must lock, until `release`. */
  async function stopLog(): Promise<{
    waiting: () => Promise<number>;
    end: () => Promise<unknown>;
    release: () => Promise<void>;
  }> {
    const holder = new pg.Client({ connectionString: rig.service.db.ownerUrl });
    const looker = new pg.Client({ connectionString: rig.service.db.serviceUrl });
    await Promise.all([holder.connect(), looker.connect()]);
    await holder.query('begin');
    await holder.query('lock table event_log_partitions in access exclusive mode');
    const blocked = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name = 'silowatch event log'`;
    return {
      waiting: async () => Number((await looker.query<{ n: string }>(`select count(*) as n ${blocked}`)).rows[0]?.n),
      end: () => looker.query(`select pg_terminate_backend(pid) ${blocked}`),
      release: async () => {
        await holder.query('rollback');
        await Promise.all([holder.end(), looker.end()]);
      },
    };
  }
  /** Partitions are looked up before the log stops. */
  const warm = (): Promise<Reply> => rig.send('/intake/access', LINE, bearer);

  it('nothing is answered as taken: the sender hears 503 and when to come again', async () => {
    await warm();
    const log = await stopLog();
    const pending = rig.send('/intake/access', LINE, bearer);
    await until('the append waits', async () => (await log.waiting()) > 0);
    await log.end();
    const { status, headers, json } = await pending;
    await log.release();
    expect([status, headers['retry-after'], json.code]).toEqual([503, '5', 'INTAKE_LOG_UNAVAILABLE']);
    expect(await count()).toBe(1);
  });

  it('one silo’s bodies fill its own share alone, the rest of it is put off with 429, and all that was taken in arrives', async () => {
    await warm();
    const other = `calm-${tenants}`;
    const calm = { ...TEXT, authorization: `Bearer ${await rig.addSilo(other)}` };
    await rig.send('/intake/access', LINE, calm);
    const log = await stopLog();
    const large = `${LINE}${'x'.repeat(900_000)}\n`.repeat(5);
    const flood = Array.from({ length: 10 }, () => rig.send('/intake/access', large, bearer));
    const first = await Promise.race(flood);
    expect([first.status, first.headers['retry-after'], first.json.code, first.json.why]).toEqual([
      429,
      '1',
      'INTAKE_THROTTLED',
      'silo_in_flight',
    ]);
    const quiet = rig.send('/intake/access', LINE, calm);
    await until('an append waits', async () => (await log.waiting()) > 0);
    // None is still on its way, to find room when the log has taken the others.
    let answered = 0;
    for (const reply of flood) void reply.then(() => (answered += 1));
    await until('what has no room is answered', () => Promise.resolve(answered === 3));
    await log.release();
    const statuses = (await Promise.all(flood)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(7).fill(200), 429, 429, 429]);
    expect((await quiet).status).toBe(200);
    expect([await count(), await count(other)]).toEqual([36, 2]);
  });
});

describe('under tight bounds', () => {
  let tight: IntakeRig;
  let headers: Record<string, string>;
  beforeAll(async () => {
    tight = await intakeRig({ INTAKE_BODY_SECONDS: '2', INTAKE_SILO_BYTES_PER_SECOND: '1024' });
    headers = { ...TEXT, authorization: `Bearer ${await tight.addSilo('loud')}` };
  });
  afterAll(() => tight.stop());

  it('a body that drips is given up, and the connection with it', async () => {
    const { port } = new URL(tight.service.url);
    const socket = connect(Number(port), '127.0.0.1');
    const heard: Buffer[] = [];
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.write(
      `POST /intake/access HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers['authorization'] ?? ''}\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nfirst`,
    );
    await closed;
    expect(Buffer.concat(heard).toString()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await tight.records('loud', 'access')).toEqual([]);
  });

  it('a body that is refused before its end is read out, and the connection goes on', async () => {
    const { port } = new URL(tight.service.url);
    const socket = connect(Number(port), '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    const head = (length: number): string =>
      `POST /intake/access HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`;
    const answers = (): number => heard.split('HTTP/1.1 401 ').length - 1;
    const body = Buffer.alloc(3_000_000, 'x');
    socket.write(head(body.length));
    socket.write(body.subarray(0, 10));
    await until('the answer', () => Promise.resolve(answers() === 1));
    socket.write(body.subarray(10));
    socket.write(`${head(1)}x`);
    await until('the next answer', () => Promise.resolve(answers() === 2));
    socket.destroy();
  });

  it('a silo that sent more than its rate waits, the others do not', async () => {
    const other = { ...TEXT, authorization: `Bearer ${await tight.addSilo('calm')}` };
    const large = `${LINE}${'x'.repeat(900_000)}`;
    expect((await tight.send('/intake/access', large, headers)).status).toBe(200);
    const refused = await tight.send('/intake/access', LINE, headers);
    expect([refused.status, refused.json.why]).toEqual([429, 'silo_rate']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60);
    expect((await tight.send('/intake/access', LINE, other)).status).toBe(200);
    const metrics = (await tight.send('/metrics', undefined, {}, 'GET')).body.toString();
    expect(metrics).toContain('silowatch_intake_throttled_total{why="silo_rate"} 1');
    expect(metrics).toContain('silowatch_intake_records_total{stream="access",outcome="accepted"} 2');
    expect(metrics).toContain('silowatch_intake_bytes_in_flight 0\n');
    const perSilo = (await tight.send('/metrics/silos', undefined, {}, 'GET')).body.toString();
    expect(perSilo).toContain('silowatch_silo_intake_throttled_total{silo="loud",why="silo_rate"} 1');
  });

  it('what became of it is counted for each silo, and when its token was used', async () => {
    const bearer = { ...TEXT, authorization: `Bearer ${await tight.addSilo('counted')}` };
    await tight.addSilo('unheard');
    const tooLarge = `${LINE}${'x'.repeat(2 * 1024 * 1024)}`;
    const mixed = [LINE, '{"v":1,', tooLarge, LINE].join('\n');
    expect((await tight.send('/intake/access', '{"v":1,', bearer)).status).toBe(400);
    expect((await tight.send('/intake/secrets', LINE, bearer)).status).toBe(404);
    expect((await tight.send('/intake/access', mixed, bearer)).json).toMatchObject({ accepted: 2, rejected: 2 });
    expect((await tight.send('/intake/access', LINE, bearer)).status).toBe(429);
    await tight.service.app.get(IntakeCounts, { strict: false }).write();
    const [counts, tokens] = await tight.service.db.database.transaction(system('operator'), async (tx) => [
      await tx.query<{ outcome: string; reason: string; count: number }[]>(
        `select outcome, reason, count::int from intake_counts where tenant_id = 'counted' order by outcome, reason`,
      ),
      await new IntakeTokenRepository().list(tx),
    ]);
    expect(counts).toEqual([
      { outcome: 'accepted', reason: 'none', count: 2 },
      { outcome: 'left_out', reason: 'too_large', count: 1 },
      { outcome: 'put_aside', reason: 'malformed', count: 2 },
      { outcome: 'rejected', reason: 'body_invalid', count: 1 },
      { outcome: 'rejected', reason: 'stream_not_found', count: 1 },
      { outcome: 'throttled', reason: 'silo_rate', count: 1 },
    ]);
    const usedOf = (silo: string): Date | null | undefined => tokens.find((one) => one.tenant === silo)?.lastUsedAt;
    expect(usedOf('counted')!.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(usedOf('unheard')).toBeNull();
    const perSilo = (await tight.send('/metrics/silos', undefined, {}, 'GET')).body.toString();
    expect(perSilo).toContain('silowatch_silo_intake_rejected_total{silo="counted",reason="body_invalid"} 1');
  });
});
