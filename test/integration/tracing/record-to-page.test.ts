import { type AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { system } from '../../../src/platform/database/scope.js';
import { siloTopic, siloTopics } from '../../../src/platform/event-log/topics.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { testService, type TestService } from '../../harness/service.js';
import { testTenant } from '../../harness/servers.js';
import { type ReceivedSpan, type TraceReceiver, traceReceiver } from './trace-receiver.js';

/** Takes every mail. */
async function mailServer(): Promise<{ url: string; mails: string[]; close(): Promise<void> }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { url: `smtp://127.0.0.1:${port}`, mails, close };
}

async function addSilo(service: TestService, tenant: string): Promise<void> {
  const terms = { name: tenant, timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72 };
  await service.platform.database.transaction(system('operator'), (tx) =>
    new SiloRepository().upsert(tx, { tenant, ...terms, createdAt: new Date() }),
  );
  await service.platform.eventLog.ensureTopics(siloTopics(tenant, 1));
}

const grantToOneself = (id: string): string =>
  JSON.stringify({
    v: 1,
    id: `record-${id}`,
    time: new Date().toISOString(),
    action: 'role.grant',
    outcome: 'success',
    actor: { type: 'user', id, email: 'grace.hopper@customer.example' },
    target: { type: 'user', id },
    ip: '198.51.100.23',
  });

const WRITERS_TRACE = 'abcdef0123456789abcdef0123456789';
const VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;

describe('a trace', () => {
  let receiver: TraceReceiver;
  let closers: (() => Promise<void>)[];

  beforeEach(async () => {
    receiver = await traceReceiver();
    closers = [() => receiver.close()];
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.endpoint;
    process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'http/json';
  });

  afterEach(async () => {
    for (const close of closers.reverse()) await close();
    for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  });

  it('spans a record, its signal, its alert, the incident, the page and the mail that was accepted', async () => {
    const mail = await mailServer();
    closers.push(() => mail.close());
    const service = await testService({
      env: {
        SILOWATCH_ROLES: 'api,detect,correlate,respond',
        SIGNALS_PARTITIONS: '2',
        SMTP_URL: mail.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      },
    });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= service.stop());
    closers.push(stop);
    await service.seed({
      email: 'ada@example.test',
      name: 'Ada Byron',
      roles: ['commander'],
      tenants: 'all',
      password: 'correct horse battery staple',
      totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    });
    const tenant = testTenant();
    await addSilo(service, tenant);
    const topic = siloTopic(tenant, 'audit');
    const [ordinary, matching] = [
      JSON.stringify({
        v: 1,
        id: 'r-0',
        time: new Date().toISOString(),
        action: 'invoice.read',
        outcome: 'success',
        actor: { id: 'u-7' },
      }),
      grantToOneself('u-4711'),
    ];
    const headers = { traceparent: `00-${WRITERS_TRACE}-0123456789abcdef-00` };
    await service.platform.eventLog.append([
      { topic, partition: 0, key: null, value: ordinary },
      { topic, partition: 0, key: null, value: matching, headers },
    ]);
    const deadline = Date.now() + 25_000;
    while (mail.mails.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(mail.mails).toHaveLength(1);
    // What is under way is finished, and what is left is sent.
    await stop();

    const { spans } = receiver;
    const sent = spans.find(({ name, attributes }) => name === 'mail' && attributes['silowatch.mail.kind'] === 'page');
    expect(sent?.attributes['smtp.response.code']).toBe(250);
    const chain = ancestry(spans, sent);
    expect(chain.map(({ name }) => name)).toEqual([
      'record',
      'signal',
      'alert',
      'incident',
      'job paging.incident-opened',
      'page',
      'job paging.send',
      'mail',
    ]);
    const [record] = chain;
    expect(record?.attributes).toMatchObject({
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 1,
      'silowatch.silo': tenant,
    });
    // A silo's own trace is named, and does not decide about ours.
    expect(record?.traceId).not.toBe(WRITERS_TRACE);
    expect(record?.linkedTraceIds).toEqual([WRITERS_TRACE]);
    expect(chain.find(({ name }) => name === 'incident')?.attributes['silowatch.incident.outcome']).toBe('opened');
    expect(chain.find(({ name }) => name === 'page')?.attributes['silowatch.page.id']).toEqual(expect.any(String));
    // Only the record that matched has a trace of its own.
    expect(spans.filter(({ name }) => name === 'record')).toHaveLength(1);
    const batches = spans.filter(({ name }) => name === 'detect.batch');
    expect(batches.reduce((sum, { attributes }) => sum + Number(attributes['silowatch.records']), 0)).toBe(2);
    for (const personal of ['hopper', 'customer.example', 'u-4711', '198.51.100.23', 'ada@', 'Byron']) {
      expect(receiver.text).not.toContain(personal);
    }
  });
});

/** The span and those above it, the first of the trace first. */
function ancestry(spans: readonly ReceivedSpan[], last: ReceivedSpan | undefined): readonly ReceivedSpan[] {
  if (last === undefined) return [];
  const parent = spans.find(({ spanId }) => spanId === last.parentSpanId);
  return [...ancestry(spans, parent), last];
}
