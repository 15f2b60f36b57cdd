import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { system } from '../../../src/platform/database/scope.js';
import { SIGNALS_TOPIC, siloTopics } from '../../../src/platform/event-log/topics.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { kafkaAddress, mailAddress, testTenant } from '../../harness/servers.js';
import { testService, type TestService } from '../../harness/service.js';
import { expectMails, testAddress } from '../mail/mailbox.js';

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL('../../../bin/silowatch.mjs', import.meta.url));
const TITLE = 'SSH sign-in after a brute force';

/** What sshd writes when one address guesses for two minutes and gets in; RFC 3164, as a host's auth.log has it. */
function authLog(now: Date): string {
  const line = (agoSeconds: number, text: string): string => {
    const at = new Date(now.getTime() - agoSeconds * 1_000);
    const day = String(at.getUTCDate()).padStart(2, ' ');
    const month = at.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
    return `${month} ${day} ${at.toISOString().slice(11, 19)} db-1 sshd[2204]: ${text}`;
  };
  const guesses = Array.from({ length: 40 }, (_, i) =>
    line(140 - i * 3, `Failed password for backup from 198.51.100.77 port ${40_000 + i} ssh2`),
  );
  const success = line(15, 'Accepted password for backup from 198.51.100.77 port 40999 ssh2');
  return `${[...guesses, success].join('\n')}\n`;
}

describe.each(['embedded', 'kafka'] as const)('a log file put onto a silo over %s', (kind) => {
  let folder: string;
  let service: TestService;
  let log: Readonly<Record<string, string>>;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'silowatch-replay-'));
    log = {};
    if (kind === 'kafka') {
      const { brokers, username, password } = kafkaAddress();
      log = {
        KAFKA_BROKERS: brokers,
        KAFKA_USERNAME: username,
        KAFKA_PASSWORD: password,
        KAFKA_ALLOW_UNREPLICATED: 'true',
      };
    }
    service = await testService({
      env: {
        ...log,
        SILOWATCH_ROLES: 'api,detect,correlate,respond',
        SIGNALS_PARTITIONS: '2',
        SMTP_URL: `smtp://127.0.0.1:${mailAddress().smtpPort}`,
      },
    });
  }, 60_000);

  afterEach(async () => {
    // No other test runs a whole service on the shared broker: its signals are nobody else's.
    if (kind === 'kafka') await service.platform.eventLog.deleteTopics([SIGNALS_TOPIC]);
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('opens the incident that it deserves, and the page of it lies in the mailbox of who is on call', async () => {
    const email = testAddress('ada');
    await service.seed({
      email,
      name: 'Ada Byron',
      roles: ['commander'],
      tenants: 'all',
      password: 'correct horse battery staple',
      totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    });
    const tenant = testTenant();
    const terms = { name: tenant, timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72 };
    await service.platform.database.transaction(system('operator'), (tx) =>
      new SiloRepository().upsert(tx, { tenant, ...terms, createdAt: new Date() }),
    );
    await service.platform.eventLog.ensureTopics(siloTopics(tenant, 1));
    const file = path.join(folder, 'auth.log');
    await writeFile(file, authLog(new Date()));

    const { db } = service;
    const { stderr } = await run(COMMAND, ['replay', '--tenant', tenant, '--stream', 'audit', file], {
      env: {
        ...process.env,
        ...log,
        DATABASE_URL: db.serviceUrl,
        DATABASE_WORKER_URL: db.workerUrl,
        SILOWATCH_DATA: folder,
      },
    });
    expect(stderr).toContain(`41 records put on silo.${tenant}.audit`);

    const [mail] = await expectMails(email, 1, 60_000);
    expect(mail?.subject).toMatch(/^\[PAGE\] INC-\d{4}-\d{4}/);
    const incidents = await db.database.transaction(system('correlate'), (tx) =>
      tx.query(`select title, severity, tenants from incidents`),
    );
    expect(incidents).toEqual([{ title: TITLE, severity: 'SEV1', tenants: [tenant] }]);
  }, 120_000);
});
