import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { checkRules } from '../../../src/cli/rule-lint.js';
import { readRuleFiles } from '../../../src/cli/rule-files.js';
import { runTestsBeside } from '../../../src/cli/rule-tests.js';
import { agentConfigSchema } from '../../../src/containment/agent/agent-config.schema.js';
import { findEntry } from '../../../src/containment/catalogue.js';
import { tokenOf } from '../../../src/ingest/intake/authorization.js';
import { parseRecord } from '../../../src/ingest/formats/parse-record.js';
import { load } from '../../../src/sigma/index.js';
import { intakeConfiguration, shipperConfiguration } from '../../../src/silos/shipper-configuration.js';

const examples = path.join(process.cwd(), 'examples');
const read = (file: string): string => readFileSync(path.join(examples, file), 'utf8');

it('every YAML file of the examples is YAML', () => {
  const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect(() => parse(read(file), { merge: true }) as unknown).not.toThrow();
});

describe('the example rule', () => {
  const folder = path.join(examples, 'rules');

  it('has no fault and no warning', async () => {
    const { findings, rules } = await checkRules([folder]);
    expect(findings).toEqual([]);
    expect(rules).toHaveLength(1);
  });

  it('passes its own tests', async () => {
    const { files } = await readRuleFiles([folder]);
    const loaded = load(files);
    const results = (await Promise.all(files.map(async (file) => runTestsBeside(file.path, loaded)))).flat();
    expect(results.map((result) => [result?.title, result?.isPassed])).toEqual(
      results.map((result) => [result?.title, true]),
    );
    expect(new Set(results.map((result) => result?.kind))).toEqual(new Set(['finds', 'ignores']));
  });

  it('proposes only actions that the catalogue has', async () => {
    const { files } = await readRuleFiles([folder]);
    const kinds = load(files).rules.flatMap((rule) => rule.silowatch.incident?.containment ?? []);
    expect(kinds.filter((kind) => findEntry(kind) === undefined)).toEqual([]);
  });
});

describe('the example emitter', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'silowatch-emitter-'));
  const file = path.join(folder, 'audit.ndjson');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has 20 lines of code at most', () => {
    const code = read('emitter/audit.mjs')
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s*(\/\/|\/\*\*)/.test(line));
    expect(code.length).toBeLessThanOrEqual(20);
  });

  it('writes records that keep the audit contract, each with the hash of the one before', async () => {
    process.env['AUDIT_FILE'] = file;
    const { audit } = (await import(pathToFileURL(path.join(examples, 'emitter/audit.mjs')).href)) as {
      audit: (action: string, outcome: string, actor: object, more?: object) => void;
    };
    audit('session.login', 'success', { type: 'user', id: 'u-42', session: 's-1', mfa: true }, { ip: '203.0.113.9' });
    audit('session.revoke', 'success', { type: 'service', id: 'app' }, { target: { type: 'session', id: 's-1' } });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const records = lines.map((line) => parseRecord(Buffer.from(line), { arrivalMs: Date.now() }));
    expect(records.map((record) => record.ok && [record.event.format, record.event.timeSource])).toEqual([
      ['silowatch-audit', 'record'],
      ['silowatch-audit', 'record'],
    ]);
    expect(records.map((record) => record.ok && record.event.fields['prev'])).toEqual([
      undefined,
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });
});

describe('the example agent', () => {
  it('is a configuration that the agent takes, with hooks for actions of the catalogue alone', () => {
    const config = agentConfigSchema.parse(parse(read('agent/agent.yaml')));
    const kinds = Object.keys(config.hooks);
    expect(kinds).toContain('session.revoke');
    expect(kinds.filter((kind) => findEntry(kind) === undefined)).toEqual([]);
    expect(config.kafka.username).toBe(`silo.${config.tenant}.agent`);
  });

  it('has a program for each hook that is one', () => {
    const { hooks } = agentConfigSchema.parse(parse(read('agent/agent.yaml')));
    const programs = Object.values(hooks).flatMap((hook) => ('command' in hook ? [hook.command.at(-1) ?? ''] : []));
    const shipped = readdirSync(path.join(examples, 'agent/hooks'));
    expect(programs.map((program) => path.basename(program)).sort()).toEqual(shipped.sort());
  });
});

describe('the example shippers', () => {
  const target = { tenant: 'harbor-bakery', brokers: 'kafka.silowatch.example:9092', isTls: true, hasOwnCa: true };

  it('say of Vector what `silo add` prints', () => {
    const printed = parse(shipperConfiguration('vector', target), { merge: true }) as Record<string, unknown>;
    expect(parse(read('shippers/vector.yaml'), { merge: true })).toEqual(printed);
  });

  it('say of Fluent Bit what `silo add` prints', () => {
    expect(settings(read('shippers/fluent-bit.conf'))).toEqual(settings(shipperConfiguration('fluent-bit', target)));
  });

  const settings = (text: string): string[] =>
    text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const intake = { url: 'https://silowatch.example/intake' };

  it.each([
    ['vector', 'vector-http.yaml'],
    ['otel-collector', 'otel-collector.yaml'],
  ] as const)('say of %s over HTTP what `silo add --intake` prints', (shipper, file) => {
    expect(parse(read(`shippers/${file}`))).toEqual(parse(intakeConfiguration(shipper, intake)));
  });

  it('say of Fluent Bit over HTTP what `silo add --intake` prints', () => {
    expect(settings(read('shippers/fluent-bit-http.conf'))).toEqual(
      settings(intakeConfiguration('fluent-bit', intake)),
    );
  });

  it('send Filebeat’s _bulk where the intake takes it, with the token as the key', () => {
    const { path: prefix, api_key: key } = (
      parse(read('shippers/filebeat.yml')) as Record<string, { path: string; api_key: string }>
    )['output.elasticsearch'] ?? { path: '', api_key: '' };
    expect(prefix).toBe('/intake/audit');
    expect(
      tokenOf(`ApiKey ${Buffer.from(key.replace('${SILOWATCH_INTAKE_TOKEN}', 'secret')).toString('base64')}`),
    ).toBe('secret');
  });
});
