import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { keyId, signCommand, signResult, verifyCommand, verifyResult } from '../../../src/containment/agent-token.js';

const NOW = new Date('2026-03-01T09:00:00Z');
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const claims = { jti: 'j-1', command: '{"action":"delete"}', decision: 'd-1', approvals: [] };

async function pair(): Promise<{ key: { kid: string; privateKey: KeyObject }; pinned: Map<string, KeyObject> }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const kid = await keyId(publicKey.export({ format: 'jwk' }));
  return { key: { kid, privateKey }, pinned: new Map([[kid, publicKey]]) };
}
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a command token', () => {
  it('carries the exact bytes to its silo', async () => {
    const { key, pinned } = await pair();
    const token = await signCommand(key, 'acme', claims, NOW, 60);
    expect(await verifyCommand(token, 'acme', pinned, later(5))).toMatchObject({
      ok: true,
      claims: { command: claims.command },
    });
  });

  it('is refused by another silo, by another key, when late, and when its life is too long', async () => {
    const { key, pinned } = await pair();
    const other = await pair();
    const token = await signCommand(key, 'acme', claims, NOW, 60);
    expect(await verifyCommand(token, 'globex', pinned, NOW)).toEqual({ ok: false, refusal: 'audience' });
    expect(await verifyCommand(token, 'acme', other.pinned, NOW)).toEqual({ ok: false, refusal: 'unknown_key' });
    const named = new Map([[key.kid, [...other.pinned.values()][0]!]]);
    expect(await verifyCommand(token, 'acme', named, NOW)).toEqual({ ok: false, refusal: 'signature' });
    expect(await verifyCommand(token, 'acme', pinned, later(71))).toEqual({ ok: false, refusal: 'expired' });
    const long = await signCommand(key, 'acme', claims, NOW, 3_600);
    expect(await verifyCommand(long, 'acme', pinned, later(119))).toMatchObject({ ok: true });
    expect(await verifyCommand(long, 'acme', pinned, later(131))).toEqual({ ok: false, refusal: 'expired' });
    expect(await verifyCommand(token, 'acme', pinned, later(-60))).toMatchObject({ ok: false });
  });

  it('is refused when a byte of it changed', async () => {
    const { key, pinned } = await pair();
    const [head = '', body = '', signature = ''] = (await signCommand(key, 'acme', claims, NOW, 60)).split('.');
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const forged = `${head}.${b64({ ...payload, command: '{"action":"contain"}' })}.${signature}`;
    expect(await verifyCommand(forged, 'acme', pinned, NOW)).toEqual({ ok: false, refusal: 'signature' });
  });

  it('is refused without a signature, with another algorithm, and as a result', async () => {
    const { key, pinned } = await pair();
    const payload = {
      ...claims,
      iss: 'silowatch',
      aud: 'acme',
      iat: NOW.getTime() / 1000,
      exp: NOW.getTime() / 1000 + 60,
    };
    const none = `${b64({ alg: 'none', kid: key.kid, typ: 'silowatch-command+jwt' })}.${b64(payload)}.`;
    expect(await verifyCommand(none, 'acme', pinned, NOW)).toMatchObject({ ok: false });
    const head = b64({ alg: 'HS256', kid: key.kid, typ: 'silowatch-command+jwt' });
    const publicPem = pinned.get(key.kid)!.export({ type: 'spki', format: 'pem' });
    const mac = createHmac('sha256', publicPem)
      .update(`${head}.${b64(payload)}`)
      .digest('base64url');
    expect(await verifyCommand(`${head}.${b64(payload)}.${mac}`, 'acme', pinned, NOW)).toMatchObject({ ok: false });
    const untyped = await new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid: key.kid }).sign(key.privateKey);
    expect(await verifyCommand(untyped, 'acme', pinned, NOW)).toMatchObject({ ok: false });
    const command = await signCommand(key, 'acme', claims, NOW, 60);
    expect(await verifyResult(command, 'acme', pinned, NOW)).toMatchObject({ ok: false });
    for (const junk of ['', '.', '..', 'a.b.c', 'x'.repeat(10_000), `${b64({})}..`])
      expect(await verifyCommand(junk, 'acme', pinned, NOW)).toMatchObject({ ok: false });
  });
});

describe('a result token', () => {
  it('is of its silo’s agent, however long it waited', async () => {
    const { key, pinned } = await pair();
    const result = { jti: 'r-1', commandId: 'c-1', status: 200, statusText: 'done' };
    const token = await signResult(key, 'acme', result, NOW);
    expect(await verifyResult(token, 'acme', pinned, later(7_200))).toMatchObject({
      ok: true,
      claims: { status: 200 },
    });
    expect(await verifyResult(token, 'globex', pinned, NOW)).toEqual({ ok: false, refusal: 'audience' });
  });
});
