import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agentConfigSchema } from '../../../src/containment/agent/agent-config.schema.js';
import { configuredHook } from '../../../src/containment/agent/configured-hook.provider.js';

const request = {
  kind: 'session.revoke',
  target: { session: '$(touch /tmp/pwned); `id`' },
  durationMs: null,
  commandId: 'c-1',
  incident: 'INC-2026-0001',
};
const node = (code: string, timeoutSeconds = 20) =>
  configuredHook({ command: [process.execPath, '-e', code], timeoutSeconds });

describe('a hook that is a program', () => {
  it('gets the request on its input, as data, and says what it did', async () => {
    const echo = `let all = ''; process.stdin.on('data', (c) => (all += c)).on('end', () => console.log(JSON.parse(all).target.session))`;
    expect(await node(echo)(request)).toEqual({ status: 200, statusText: request.target.session });
  });

  it('has failed when it ends otherwise, takes too long or does not exist', async () => {
    expect(await node('process.exit(3)')(request)).toEqual({ status: 500, statusText: 'the hook ended with 3' });
    expect(await node('setTimeout(() => {}, 60000)', 0.5)(request)).toMatchObject({ status: 500 });
    const absent = configuredHook({ command: ['/does/not/exist'], timeoutSeconds: 1 });
    expect(await absent(request)).toMatchObject({ status: 500 });
  });
});

describe('a hook that is an address', () => {
  let server: Server;
  let url: string;
  const bodies: string[] = [];
  beforeEach(async () => {
    bodies.length = 0;
    server = createServer((incoming, answer) => {
      incoming.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
      incoming.on('end', () => {
        if (incoming.url === '/moved') answer.writeHead(302, { location: '/ok' });
        else answer.writeHead(incoming.url === '/ok' ? 204 : 503);
        answer.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  const hook = (path: string) => configuredHook({ url: `${url}${path}`, headers: {}, timeoutSeconds: 5 });

  it('is done when it answers 2xx', async () => {
    expect(await hook('/ok')(request)).toMatchObject({ status: 200 });
    expect(JSON.parse(bodies.join(''))).toEqual(request);
    expect(await hook('/no')(request)).toMatchObject({ status: 500 });
  });

  it('is not followed elsewhere', async () => {
    await expect(hook('/moved')(request)).rejects.toThrow();
  });
});

describe('the agent’s file', () => {
  const sound = {
    tenant: 'acme',
    kafka: { brokers: ['kafka:9093'] },
    commandKeys: [{ kty: 'OKP', crv: 'Ed25519', x: 'abc' }],
    hooks: { 'session.revoke': { command: ['/bin/true'] } },
  };
  it('asks for TLS unless told otherwise, and refuses what it does not know', () => {
    expect(agentConfigSchema.parse(sound)).toMatchObject({ kafka: { tls: true }, keyFile: 'agent-key.json' });
    for (const wrong of [
      { ...sound, tenant: 'a.b' },
      { ...sound, commandKeys: [] },
      { ...sound, hooks: { x: { command: 'rm -rf /' } } },
      { ...sound, hooks: { x: { url: 'file:///etc/passwd' } } },
      { ...sound, surprise: 1 },
    ])
      expect(agentConfigSchema.safeParse(wrong).success).toBe(false);
  });
});
