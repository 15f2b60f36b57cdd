import { gzipSync } from 'node:zlib';
import type { EventLogsource } from '../../../src/event/event.js';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { resources } from '@opentelemetry/sdk-node';
import { until } from '../event-log/contract.js';
import { intakeRig, type IntakeRig } from './intake-rig.js';

const COMBINED =
  '203.0.113.7 - - [27/Nov/2026:09:30:00 +0000] "GET /?q=%27%20or%201=1 HTTP/1.1" 200 512 "-" "sqlmap/1.8"';
const AUDIT =
  '{"v":1,"id":"01JA","time":"2026-11-27T09:30:00.123Z","action":"session.login","outcome":"success","actor":{"type":"user","id":"u-42"},"big":12345678901234567890}';
const SSHD = '<38>Nov 27 09:30:00 web-1 sshd[811]: Failed password for root from 203.0.113.7 port 4711 ssh2';

let rig: IntakeRig;
let tenants = 0;
let tenant: string;
let bearer: { authorization: string };
let token: string;

beforeAll(async () => {
  rig = await intakeRig();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  tenants += 1;
  tenant = `shop-${tenants}`;
  token = await rig.addSilo(tenant);
  bearer = { authorization: `Bearer ${token}` };
});

const values = async (stream: 'access' | 'audit'): Promise<(string | undefined)[]> =>
  (await rig.records(tenant, stream)).map(({ value }) => value?.toString('utf8'));

interface Seen {
  readonly format: string;
  readonly logsource: EventLogsource | undefined;
  readonly at: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
const seen = async (stream: 'access' | 'audit'): Promise<Seen[]> =>
  (await rig.events(tenant, stream)).map((parsed) => {
    if (!parsed.ok) throw new Error(parsed.reason);
    const { format, logsource, timeMs, fields } = parsed.event;
    return { format, logsource, at: new Date(timeMs).toISOString(), fields };
  });

describe('lines and JSON', () => {
  it('that are the files of clouds are taken apart, and a csvlog record of several lines is one', async () => {
    const trail =
      '{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"PutObject","n":12345678901234567890}';
    const item = '{"level":"Metadata","auditID":"1","stage":"ResponseComplete"}';
    const json = { ...bearer, 'content-type': 'application/json' };
    const file = await rig.send('/intake/audit', `{"Records":[${trail},{"bad":},${trail}]}`, json);
    expect([file.status, file.json]).toEqual([
      200,
      { accepted: 2, rejected: 1, errors: [{ line: 2, reason: 'malformed' }] },
    ]);
    const list = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${item}]}`;
    expect((await rig.send('/intake/audit', list, json)).json).toMatchObject({ accepted: 1, rejected: 0 });
    const carried = await rig.send('/intake/audit', JSON.stringify({ message: list }), json);
    expect([carried.status, carried.json.reason]).toEqual([400, 'send_singly']);
    const csvlog = `2026-11-28 09:00:00.123 UTC,"app\nx"${','.repeat(24)}`;
    const text = { ...bearer, 'content-type': 'text/plain' };
    expect((await rig.send('/intake/audit', `${csvlog}\n`, text)).json).toMatchObject({ accepted: 1, rejected: 0 });
    expect((await values('audit')).toSorted()).toEqual([csvlog, '{"bad":}', trail, trail, item, list].toSorted());
  });

  it('are records in the bytes that were sent', async () => {
    const text = await rig.send('/intake/access', `${COMBINED}\r\n\n${COMBINED}`, {
      ...bearer,
      'content-type': 'text/plain',
    });
    const ndjson = await rig.send('/intake/audit', `${AUDIT}\n${AUDIT}\n`, {
      ...bearer,
      'content-type': 'application/x-ndjson',
    });
    expect([text, ndjson].map(({ status, json }) => [status, json])).toEqual([
      [200, { accepted: 2, rejected: 0, errors: [] }],
      [200, { accepted: 2, rejected: 0, errors: [] }],
    ]);
    expect(await values('access')).toEqual([COMBINED, COMBINED]);
    expect(await values('audit')).toEqual([AUDIT, AUDIT]);
  });

  it('like all forms may begin with a byte order mark', async () => {
    const json = { ...bearer, 'content-type': 'application/json' };
    const otlp = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: '{"n":4}' } }] }] }] };
    const sent = [
      await rig.send('/intake/audit', '\uFEFF[{"n":1}]', json),
      await rig.send('/intake/audit/_bulk', '\uFEFF{"index":{}}\n{"n":2}\n', json),
      await rig.send('/intake/audit/services/collector/event', '\uFEFF{"event":{"n":3}}', json),
      await rig.send('/intake/audit/v1/logs', `\uFEFF${JSON.stringify(otlp)}`, json),
    ];
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await values('audit')).toEqual(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}']);
  });

  it('come packed and in chunks', async () => {
    const headers = {
      ...bearer,
      'content-type': 'text/plain; charset=utf-8',
      'content-encoding': 'gzip',
      'transfer-encoding': 'chunked',
    };
    expect((await rig.send('/intake/access', gzipSync(`${COMBINED}\n`), headers)).json).toMatchObject({ accepted: 1 });
    expect(await values('access')).toEqual([COMBINED]);
  });

  it('are told apart within a JSON array, as Vector and Fluent Bit send it', async () => {
    const vector = `[{"file":"/var/log/nginx/access.log","host":"web-1","message":${JSON.stringify(COMBINED)},"source_type":"file","timestamp":"2026-11-27T09:30:01.5Z"}, ${AUDIT}]`;
    const { json } = await rig.send('/intake/access', vector, { ...bearer, 'content-type': 'application/json' });
    expect(json).toEqual({ accepted: 2, rejected: 0, errors: [] });
    expect(await values('access')).toEqual([COMBINED, AUDIT]);
    const [line] = await seen('access');
    expect(line).toMatchObject({
      format: 'combined',
      logsource: { category: 'webserver' },
      at: '2026-11-27T09:30:00.000Z',
      fields: { 'c-ip': '203.0.113.7', 'envelope.host': 'web-1', 'envelope.file': '/var/log/nginx/access.log' },
    });
  });

  it('carry the line that Fluent Bit puts into JSON, and its time where the line has none', async () => {
    const body = `{"date":1795771800.25,"log":"{\\"level\\":\\"warn\\",\\"user\\":\\"ada\\"}"}\n{"date":1795771800.25,"log":${JSON.stringify(SSHD)}}\n`;
    await rig.send('/intake/audit', body, { ...bearer, 'content-type': 'application/x-ndjson' });
    expect(await values('audit')).toEqual(['{"level":"warn","user":"ada"}', SSHD]);
    expect(await seen('audit')).toMatchObject([
      { format: 'json', at: '2026-11-27T09:30:00.250Z', fields: { user: 'ada' } },
      { format: 'syslog', logsource: { product: 'linux', service: 'sshd' }, fields: { user: 'root' } },
    ]);
  });

  it('come one after another without being an array, as Fluent Bit sends its lines of JSON', async () => {
    const headers = { ...bearer, 'content-type': 'application/json' };
    expect((await rig.send('/intake/audit', `${AUDIT}\n${AUDIT}\n`, headers)).json).toMatchObject({ accepted: 2 });
    expect(await values('audit')).toEqual([AUDIT, AUDIT]);
  });

  it('stay as they are when what they carry is no record of its own', async () => {
    const body = '{"time":"2026-11-27T09:30:00Z","level":"info","message":"order 12 was paid","user":"ada"}';
    await rig.send('/intake/audit', body, { ...bearer, 'content-type': 'application/json' });
    expect(await values('audit')).toEqual([body]);
  });

  it('join the lines of one auditd event, mixed with another’s, into one record', async () => {
    const line = (type: string, serial: number, rest: string): string =>
      `type=${type} msg=audit(1795771800.123:${serial}): ${rest}`;
    const lines = [
      line('SYSCALL', 7, 'syscall=59 success=yes exe="/usr/bin/curl" key="net"'),
      line('SYSCALL', 8, 'syscall=59 success=no exe="/bin/ls"'),
      line('EXECVE', 7, 'argc=2 a0="curl" a1="http://203.0.113.7/x"'),
    ];
    await rig.send('/intake/audit', lines.join('\n'), { ...bearer, 'content-type': 'text/plain' });
    expect(await values('audit')).toEqual([`${lines[0]}\n${lines[2]}`, lines[1]]);
    expect((await seen('audit'))[0]?.fields).toMatchObject({
      type: ['SYSCALL', 'EXECVE'],
      key: 'net',
      a1: 'http://203.0.113.7/x',
    });
  });

  it('take octet-counted syslog, whose messages may hold line ends', async () => {
    const rfc5424 = '<165>1 2026-11-27T09:30:00Z web-1 app 7 ID47 [a@1 k="v"] first\nsecond';
    await rig.send('/intake/audit', `${rfc5424.length} ${rfc5424}${SSHD.length} ${SSHD}`, {
      ...bearer,
      'content-type': 'text/plain',
    });
    expect(await values('audit')).toEqual([rfc5424, SSHD]);
  });

  it('can name their format', async () => {
    await rig.send('/intake/access?format=json', '{"a":1}', { ...bearer, 'content-type': 'application/json' });
    const [record] = await rig.records(tenant, 'access');
    expect(record?.headers['format']?.toString()).toBe('json');
    const wrong = await rig.send('/intake/access?format=xml', 'x', { ...bearer, 'content-type': 'text/plain' });
    expect([wrong.status, wrong.json.code]).toEqual([400, 'INTAKE_FORMAT_INVALID']);
  });

  it('report each bad line, keep the good ones and put the bad aside in the log', async () => {
    const body = `${AUDIT}\nnot json\n${AUDIT}\n{"v":1,"action":"x","actor":1}\n${'x'.repeat(1_048_577)}\n`;
    const { status, json } = await rig.send('/intake/audit', body, {
      ...bearer,
      'content-type': 'application/x-ndjson',
    });
    expect([status, json]).toEqual([
      200,
      {
        accepted: 2,
        rejected: 3,
        errors: [
          { line: 2, reason: 'unrecognised' },
          { line: 4, reason: 'invalid' },
          { line: 5, reason: 'too_large' },
        ],
      },
    ]);
    expect(await values('audit')).toEqual([AUDIT, 'not json', AUDIT, '{"v":1,"action":"x","actor":1}']);
  });

  it('are refused with the number of the first bad line when none can be used, and put aside all the same', async () => {
    const { status, headers, json } = await rig.send('/intake/audit', '\n<html>\nnothing\n', {
      ...bearer,
      'content-type': 'text/plain',
    });
    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({ code: 'INTAKE_BODY_INVALID', line: 2, reason: 'unrecognised' });
    expect(await values('audit')).toEqual(['<html>', 'nothing']);
    const cut = await rig.send('/intake/audit', '[{"a":1},{"b":', { ...bearer, 'content-type': 'application/json' });
    expect(cut.json).toMatchObject({ status: 400, line: 2, reason: 'malformed' });
    expect(await values('audit')).toHaveLength(2);
    const metrics = (await rig.send('/metrics/silos', undefined, {}, 'GET')).body.toString();
    expect(metrics).toContain(`silowatch_silo_intake_rejected_total{silo="${tenant}",reason="body_invalid"} 2`);
    expect(metrics).toContain(
      `silowatch_silo_intake_records_total{silo="${tenant}",stream="audit",outcome="rejected"} 2`,
    );
  });
});

describe('OTLP', () => {
  const time = { timeUnixNano: '1795771800000000000', observedTimeUnixNano: '1795771801000000000' };
  const request = (records: object[]): string =>
    JSON.stringify({
      resourceLogs: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'nginx' } },
              { key: 'host.name', value: { stringValue: 'web-1' } },
            ],
          },
          scopeLogs: [{ scope: { name: 'x' }, logRecords: records }],
        },
      ],
    });

  it('in JSON, as the collector’s filelog receiver sends lines, keeps the line and the resource', async () => {
    const body = request([
      {
        ...time,
        body: { stringValue: COMBINED },
        attributes: [{ key: 'log.file.name', value: { stringValue: 'access.log' } }],
      },
    ]);
    const answer = await rig.send('/intake/access/v1/logs', body, { ...bearer, 'content-type': 'application/json' });
    expect([answer.status, answer.headers['content-type'], answer.json]).toEqual([200, 'application/json', {}]);
    expect(await values('access')).toEqual([COMBINED]);
    expect((await seen('access'))[0]).toMatchObject({
      format: 'combined',
      at: '2026-11-27T09:30:00.000Z',
      fields: {
        'envelope.service.name': 'nginx',
        'envelope.host.name': 'web-1',
        'envelope.log.file.name': 'access.log',
      },
    });
  });

  it('makes JSON of a text that is no record of its own, and of a structured body', async () => {
    const record = [
      {
        ...time,
        severityText: 'WARN',
        traceId: '5b8efff798038103d269b633813fc60c',
        body: { stringValue: 'the disk is full' },
      },
      {
        ...time,
        body: {
          kvlistValue: {
            values: [
              { key: 'action', value: { stringValue: 'x' } },
              { key: 'n', value: { intValue: '7' } },
            ],
          },
        },
      },
    ];
    await rig.send('/intake/audit/v1/logs', request(record), { ...bearer, 'content-type': 'application/json' });
    expect((await values('audit')).map((text) => JSON.parse(text ?? '') as unknown)).toEqual([
      {
        '@timestamp': '2026-11-27T09:30:00.000Z',
        message: 'the disk is full',
        'service.name': 'nginx',
        'host.name': 'web-1',
        severity: 'WARN',
        trace_id: '5b8efff798038103d269b633813fc60c',
      },
      { action: 'x', n: 7 },
    ]);
    expect((await seen('audit'))[1]).toMatchObject({
      at: '2026-11-27T09:30:00.000Z',
      fields: { 'envelope.service.name': 'nginx' },
    });
  });

  it.each([
    ['protobuf', ProtobufExporter],
    ['JSON', JsonExporter],
  ])('is taken from OpenTelemetry’s own exporter in %s, packed', async (_name, Exporter) => {
    const exporter = new Exporter({
      url: `${rig.service.url}/intake/audit/v1/logs`,
      headers: bearer,
      compression: 'gzip' as never,
    });
    const provider = new LoggerProvider({
      resource: resources.resourceFromAttributes({ 'service.name': 'shop' }),
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('test');
    logger.emit({ body: SSHD, timestamp: 1_795_771_800_000, attributes: { pod: 'a-1' } });
    await until('the first is there', async () => (await rig.records(tenant, 'audit')).length === 1);
    logger.emit({ body: { action: 'x', list: [1, 2.5, true, 'z'] }, timestamp: 1_795_771_800_000 });
    await provider.forceFlush();
    await provider.shutdown();
    const events = await seen('audit');
    expect(events).toMatchObject([
      { format: 'syslog', fields: { user: 'root', 'envelope.service.name': 'shop', 'envelope.pod': 'a-1' } },
      { format: 'json', at: '2026-11-27T09:30:00.000Z', fields: { action: 'x', list: [1, 2.5, true, 'z'] } },
    ]);
  });

  it('says how many it rejected, and answers errors as a Status in the request’s encoding', async () => {
    const half = await rig.send(
      '/intake/audit/v1/logs',
      request([{ body: { stringValue: AUDIT } }, { body: { stringValue: '{"v":1,"action":"x","actor":1}' } }]),
      {
        ...bearer,
        'content-type': 'application/json',
      },
    );
    expect([half.status, half.json]).toEqual([
      200,
      { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'record 2: invalid' } },
    ]);
    const bad = await rig.send('/intake/audit/v1/logs', Buffer.from([0x0a, 0xff, 0x01]), {
      ...bearer,
      'content-type': 'application/x-protobuf',
    });
    expect([bad.status, bad.headers['content-type'], bad.body.subarray(0, 2)]).toEqual([
      400,
      'application/x-protobuf',
      Buffer.from([8, 3]),
    ]);
    const none = await rig.send('/intake/audit/v1/logs', Buffer.alloc(0), {
      ...bearer,
      'content-type': 'application/x-protobuf',
    });
    expect([none.status, none.body.length]).toEqual([200, 0]);
    const refused = await rig.send('/intake/audit/v1/logs', '{}', { 'content-type': 'application/json' });
    expect([refused.status, refused.json.code]).toEqual([401, 16]);
  });

  it('refuses protobuf that would unpack to millions of messages', async () => {
    const empty = Buffer.alloc(2_400_000);
    for (let at = 0; at < empty.length; at += 2) empty[at] = 0x0a;
    const { status } = await rig.send('/intake/audit/v1/logs', empty, {
      ...bearer,
      'content-type': 'application/x-protobuf',
    });
    expect(status).toBe(400);
  });
});

describe('Elasticsearch _bulk', () => {
  const basic = (): string => `Basic ${Buffer.from(`silowatch:${token}`).toString('base64')}`;
  const apiKey = (): string => `ApiKey ${Buffer.from(`${tenant}:${token}`).toString('base64')}`;

  it('answers what Filebeat asks before it sends', async () => {
    const info = await rig.send('/intake/audit/', undefined, { authorization: apiKey() }, 'GET');
    expect([info.status, info.headers['x-elastic-product'], info.json.version.number]).toEqual([
      200,
      'Elasticsearch',
      '8.19.0',
    ]);
    const license = await rig.send('/intake/audit/_license?human=false', undefined, { authorization: basic() }, 'GET');
    expect(license.json.license.status).toBe('active');
    expect((await rig.send('/intake/audit', undefined, { authorization: basic() }, 'HEAD')).status).toBe(200);
    expect((await rig.send('/intake/audit/_cluster/health', undefined, bearer, 'GET')).json.status).toBe('green');
    expect((await rig.send('/intake/audit', undefined, {}, 'GET')).status).toBe(401);
  });

  it('takes Filebeat’s documents, item by item, and keeps the line that they carry', async () => {
    const document = (message: string): string =>
      `{"@timestamp":"2026-11-27T09:30:02.000Z","log":{"offset":0,"file":{"path":"/var/log/auth.log"}},"message":${JSON.stringify(message)},"input":{"type":"filestream"},"ecs":{"version":"8.0.0"},"host":{"name":"web-1"},"agent":{"type":"filebeat","version":"8.19.0"}}`;
    const body = `{"create":{"_index":"filebeat-8.19.0"}}\n${document(SSHD)}\n{"delete":{"_index":"x","_id":"9"}}\n{"index":{"_index":"x","_id":"7"}}\nnot json\n`;
    const { status, json } = await rig.send(
      '/intake/audit/_bulk?filter_path=errors,items.*.error,items.*.status',
      body,
      {
        authorization: apiKey(),
        'content-type': 'application/vnd.elasticsearch+json; compatible-with=8',
      },
    );
    expect(status).toBe(200);
    expect(json).toMatchObject({
      errors: true,
      items: [
        { create: { _index: 'filebeat-8.19.0', status: 201 } },
        { delete: { _index: 'x', _id: '9', status: 400, error: { reason: 'unsupported_action' } } },
        { index: { _id: '7', status: 400, error: { reason: 'unrecognised' } } },
      ],
    });
    expect((await seen('audit').catch(() => [])).length).toBe(0);
    expect(await values('audit')).toEqual([SSHD, 'not json']);
    const [event] = await rig.events(tenant, 'audit');
    expect(event).toMatchObject({
      ok: true,
      event: {
        fields: { user: 'root', 'envelope.host.name': 'web-1', 'envelope.log.file.path': '/var/log/auth.log' },
      },
    });
  });

  it('is taken under an index too, and refused whole when it is none', async () => {
    const good = await rig.send(
      '/intake/access/logs/_bulk',
      `{"index":{}}\n${JSON.stringify({ log: COMBINED })}\n`,
      { ...bearer, 'content-type': 'application/x-ndjson' },
      'PUT',
    );
    expect([good.status, good.json.errors]).toEqual([200, false]);
    expect(await values('access')).toEqual([COMBINED]);
    const bad = await rig.send('/intake/access/_bulk', '{"index":{}}\n', {
      ...bearer,
      'content-type': 'application/json',
    });
    expect([bad.status, bad.json.error.type]).toEqual([400, 'intake_body_invalid']);
  });
});

describe('Splunk HEC', () => {
  it('takes events, one after another without anything between, and keeps what each carries', async () => {
    const body = `{"time":1795771800.123,"host":"web-1","source":"/var/log/auth.log","sourcetype":"linux_secure","event":${JSON.stringify(SSHD)}}{"event":${AUDIT},"fields":{"region":"eu"}}`;
    const { status, json } = await rig.send('/intake/audit/services/collector/event', body, {
      authorization: `Splunk ${token}`,
      'content-type': 'application/json',
    });
    expect([status, json]).toEqual([200, { text: 'Success', code: 0 }]);
    expect(await values('audit')).toEqual([SSHD, AUDIT]);
    expect(await seen('audit')).toMatchObject([
      { format: 'syslog', fields: { 'envelope.host.name': 'web-1', 'envelope.com.splunk.sourcetype': 'linux_secure' } },
      { format: 'silowatch-audit', fields: { 'envelope.region': 'eu' } },
    ]);
  });

  it('takes raw lines, and says that it is well', async () => {
    const raw = await rig.send('/intake/access/services/collector/raw?host=web-2', `${COMBINED}\n${COMBINED}`, {
      authorization: `Splunk ${token}`,
    });
    expect(raw.json).toEqual({ text: 'Success', code: 0 });
    expect((await seen('access')).map(({ fields }) => fields['envelope.host.name'])).toEqual(['web-2', 'web-2']);
    const health = await rig.send(
      '/intake/access/services/collector/health',
      undefined,
      { authorization: `Splunk ${token}` },
      'GET',
    );
    expect([health.status, health.json.code]).toEqual([200, 17]);
  });

  it('refuses in Splunk’s own words', async () => {
    const splunk = { authorization: `Splunk ${token}` };
    const answers = [
      await rig.send('/intake/audit/services/collector', '', splunk),
      await rig.send('/intake/audit/services/collector', '{"event":"x"}{"time":1}', splunk),
      await rig.send('/intake/audit/services/collector', '{"event":"x"}', { authorization: 'Splunk nobody' }),
    ];
    expect(answers.map(({ status, json }) => [status, json.code, json['invalid-event-number']])).toEqual([
      [400, 5, undefined],
      [400, 6, 1],
      [401, 3, undefined],
    ]);
  });
});
