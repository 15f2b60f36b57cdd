import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AgentKeyRepository } from '../../../src/containment/agent-key.repository.js';
import { signCommand, signResult } from '../../../src/containment/agent-token.js';
import { FileMemory } from '../../../src/containment/agent/file-memory.provider.js';
import type { HookRequest } from '../../../src/containment/agent/hook.js';
import { siloTopic } from '../../../src/platform/event-log/topics.js';
import { agentKey, containmentRig, until, type ContainmentRig } from './rig.js';

let rig: ContainmentRig;
beforeEach(async () => {
  rig = await containmentRig();
});
afterEach(() => rig.end());

const COMMANDS = siloTopic('acme', 'commands');
const RESULTS = siloTopic('acme', 'results');
const takeover = {
  level: 'critical' as const,
  containment: ['session.revoke'],
  entities: [
    { kind: 'session' as const, value: 's-1' },
    { kind: 'user' as const, value: 'u-1' },
  ],
};

/** The alert, and the one action that its rule proposes. */
async function attacked(wanted: Parameters<ContainmentRig['raise']>[0] = takeover) {
  const alert = await rig.raise(wanted);
  const incidentId = alert.incidentId ?? '';
  await rig.proposals.proposeForAlert(incidentId, alert.id);
  const [action] = await rig.ofIncident(incidentId);
  return { incidentId, alert, id: action?.id ?? '' };
}
const exported = (): Promise<void> =>
  rig.audit('acme', { action: 'data.export', actor: { type: 'user', id: 'u-1', session: 's-1' } });
const alertsOf = async (ruleId: string): Promise<number> => {
  const { system } = await import('../../../src/platform/database/scope.js');
  const rows = await rig.db.database.transaction(system('containment'), (tx) =>
    tx.query<unknown[]>(`select 1 from alerts where rule_id = $1`, [ruleId]),
  );
  return rows.length;
};

describe('a session that a stable rule revokes', () => {
  it('goes by itself to the silo’s agent, and is verified when the silo’s own records show it', async () => {
    const requests: HookRequest[] = [];
    await rig.agent('acme', {
      'session.revoke': async (request) => {
        requests.push(request);
        const target = { type: 'session', id: String(request.target['session']) };
        await rig.audit('acme', { action: 'session.revoke', actor: { type: 'service' }, target });
        return { status: 200, statusText: 'revoked' };
      },
    });
    await exported();
    const { id, incidentId, alert } = await attacked();
    expect(await rig.action(id)).toMatchObject({ state: 'approved', isAutomatic: true, needs: 'none' });
    await rig.proposals.proposeForAlert(incidentId, alert.id);
    expect(await rig.ofIncident(incidentId)).toHaveLength(1);
    await rig.dispatch.send(id);
    expect((await rig.action(id)).state).toBe('sent');
    await until('the agent answers', async () => (await rig.tokens(RESULTS)).length === 1);
    expect(requests).toEqual([
      {
        kind: 'session.revoke',
        target: { session: 's-1' },
        durationMs: null,
        commandId: id,
        incident: 'INC-2026-0001',
      },
    ]);
    await rig.takeResults('acme');
    expect(await rig.action(id)).toMatchObject({
      state: 'acknowledged',
      result: { status: 200, statusText: 'revoked' },
    });
    // The attacker tries on, and is refused.
    await rig.audit('acme', { action: 'data.export', outcome: 'denied', actor: { id: 'u-1', session: 's-1' } });
    await rig.verification.sweep();
    expect((await rig.action(id)).state).toBe('acknowledged');
    rig.clock.advanceMs(11_000);
    await rig.verification.sweep();
    expect(await rig.action(id)).toMatchObject({
      state: 'verified',
      evidence: [{ topic: 'silo.acme.audit', offset: '1' }],
    });
    await rig.settle();
    const detail = JSON.stringify(await rig.read.detail(rig.ada, incidentId));
    expect(detail).toMatch(/"state":"verified"/);
    expect(detail).not.toMatch(/records prove/);
  });

  it('is not verified by the agent’s word alone', async () => {
    await rig.agent('acme', { 'session.revoke': () => Promise.resolve({ status: 200, statusText: 'trust me' }) });
    const { id } = await attacked();
    await rig.dispatch.send(id);
    await until('the agent answers', async () => (await rig.tokens(RESULTS)).length === 1);
    await rig.takeResults('acme');
    await exported();
    rig.clock.advanceMs(121_000);
    await rig.verification.sweep();
    expect(await rig.action(id)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/do not show it/) as string,
    });
  });

  it('falls back loudly when the session is used again', async () => {
    await rig.agent('acme', {
      'session.revoke': async () => {
        await rig.audit('acme', { action: 'session.revoke', target: { type: 'session', id: 's-1' } });
        return { status: 200, statusText: 'revoked' };
      },
    });
    const { id, incidentId } = await attacked();
    await rig.dispatch.send(id);
    await until('the agent answers', async () => (await rig.tokens(RESULTS)).length === 1);
    await rig.takeResults('acme');
    rig.clock.advanceMs(11_000);
    await rig.verification.sweep();
    expect((await rig.action(id)).state).toBe('verified');
    rig.clock.advanceMs(60_000);
    await exported();
    await rig.verification.sweep();
    expect(await rig.action(id)).toMatchObject({ state: 'failed', reason: 'data.export succeeded afterwards' });
    expect(await alertsOf('silowatch.containment-lapsed')).toBe(1);
    const timeline = JSON.stringify(await rig.read.timelineOf(rig.ada, incidentId, { kind: 'action', limit: 50 }));
    expect(timeline).toMatch(/NOT effective: Revoke session s-1/);
  });

  it('waits for a person when the rule is not stable, when no agent is enrolled, and beyond the hour’s limit', async () => {
    const none = await attacked();
    expect((await rig.action(none.id)).state).toBe('proposed');
    await rig.agent('acme', {});
    const test = await attacked({ ...takeover, status: 'test', entities: [{ kind: 'session', value: 's-2' }] });
    expect((await rig.action(test.id)).state).toBe('proposed');
    for (let i = 0; i < 31; i += 1) {
      const entities = [{ kind: 'session' as const, value: `many-${i}` }];
      const many = await attacked({ ...takeover, entities });
      expect((await rig.action(many.id)).state).toBe(i < 30 ? 'approved' : 'proposed');
    }
  });

  it('is an alert when the agent is silent for 30 s, is sent again, and given up at last', async () => {
    await rig.enrolment.enrol('acme', (await agentKey()).publicKey.export({ format: 'jwk' }), 'test');
    const { id } = await attacked();
    await rig.dispatch.send(id);
    rig.clock.advanceMs(29_000);
    await rig.dispatch.sweep();
    expect(await alertsOf('silowatch.agent-silent')).toBe(0);
    rig.clock.advanceMs(1_000);
    await rig.dispatch.sweep();
    expect(await alertsOf('silowatch.agent-silent')).toBe(1);
    for (let attempt = 2; attempt <= 3; attempt += 1) {
      rig.clock.advanceMs(61_000);
      await rig.dispatch.sweep();
      await rig.dispatch.send(id);
      expect(await rig.action(id)).toMatchObject({ state: 'sent', attempts: attempt });
    }
    rig.clock.advanceMs(91_000);
    await rig.dispatch.sweep();
    expect((await rig.action(id)).state).toBe('expired');
    expect(await alertsOf('silowatch.agent-silent')).toBe(1);
    expect(await rig.tokens(COMMANDS)).toHaveLength(3);
  });
});

describe('the agent', () => {
  const put = (token: string): Promise<unknown> =>
    rig.eventLog.append([{ topic: COMMANDS, partition: 0, key: 'x', value: token }]);

  it('acts once, however often a command or its repeat comes', async () => {
    let runs = 0;
    await rig.agent('acme', {
      'session.revoke': async () => {
        runs += 1;
        return { status: 200, statusText: `run ${runs}` };
      },
    });
    const { id } = await attacked();
    await rig.dispatch.send(id);
    await until('the first answer', async () => (await rig.tokens(RESULTS)).length === 1);
    // The same bytes again are refused in silence; a new sending of the same decision is answered from memory.
    await put((await rig.tokens(COMMANDS))[0] ?? '');
    await rig.dispatch.send(id);
    await until('the second answer', async () => (await rig.tokens(RESULTS)).length === 2);
    expect(runs).toBe(1);
  });

  it('refuses what is forged, expired, for another silo or tampered with, and answers 501 without a hook', async () => {
    let runs = 0;
    await rig.agent('acme', {
      'session.revoke': () => {
        runs += 1;
        return Promise.resolve({ status: 200, statusText: 'done' });
      },
    });
    const forger = await agentKey();
    const { kid } = await rig.signer.publicKey();
    const { id } = await attacked();
    const { command } = await rig.action(id);
    const claims = { jti: 'j', command, decision: 'd', approvals: [] };
    const sign = (silo: string) => rig.signer.sign({ silo, ...claims, jti: rig.ids.uuid(), lifeSeconds: 60 });
    await put(await signCommand(forger, 'acme', claims, rig.clock.now(), 60));
    await put(await signCommand({ ...forger, kid }, 'acme', claims, rig.clock.now(), 60));
    await put(await sign('globex'));
    const [head, , signature] = (await sign('acme')).split('.');
    await put([head, Buffer.from('{}').toString('base64url'), signature].join('.'));
    await put('not a token');
    const stale = await sign('acme');
    rig.clock.advanceMs(200_000);
    await put(stale);
    // One for this silo by its token, and for another inside.
    const crossed = command.replaceAll('"silo":"acme"', '"silo":"globex"');
    await put(await rig.signer.sign({ silo: 'acme', ...claims, command: crossed, decision: 'e', lifeSeconds: 60 }));
    const disable = command.replaceAll('session.revoke', 'account.disable');
    const last = { ...claims, jti: 'last', command: disable, decision: 'f' };
    await put(await rig.signer.sign({ silo: 'acme', ...last, lifeSeconds: 60 }));
    await until('the two answers', async () => (await rig.tokens(RESULTS)).length === 2);
    expect(runs).toBe(0);
    const answers = (await rig.tokens(RESULTS)).map(
      (token) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { status: number },
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 501]);
  });

  it('remembers over a restart, also with a line cut by a crash', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-agent-'));
    const file = path.join(folder, 'memory.ndjson');
    const now = (): number => rig.clock.nowMs();
    const first = await FileMemory.open(file, now);
    expect(await first.take('j-1', now() + 60_000)).toBe(true);
    await first.remember('d-1', { status: 200, statusText: 'done' });
    await first.close();
    await writeFile(file, `${await readFile(file, 'utf8')}{"jti":"j-2","un`);
    const second = await FileMemory.open(file, now);
    expect(await second.take('j-1', now())).toBe(false);
    expect(second.answerTo('d-1')).toEqual({ status: 200, statusText: 'done' });
    expect(await second.take('j-2', now())).toBe(true);
    await second.close();
    await rm(folder, { recursive: true });
  });
});

describe('an answer', () => {
  it('by anything but the silo’s enrolled key is an alert and moves nothing', async () => {
    await rig.enrolment.enrol('acme', (await agentKey()).publicKey.export({ format: 'jwk' }), 'test');
    const { id } = await attacked();
    await rig.dispatch.send(id);
    const forger = await agentKey();
    const claims = { jti: 'j', commandId: id, status: 200, statusText: 'done' };
    await rig.results.take('acme', Buffer.from(await signResult(forger, 'acme', claims, rig.clock.now())));
    await rig.results.take('acme', Buffer.from('junk'));
    await rig.results.take('acme', null);
    await rig.results.take('acme', Buffer.alloc(1_000_000, 'a'));
    expect((await rig.action(id)).state).toBe('sent');
    expect(await alertsOf('silowatch.agent-result-refused')).toBe(2);
  });

  it('without a command is a sign of life, unless it is an old one', async () => {
    const own = await agentKey();
    await rig.enrolment.enrol('acme', own.publicKey.export({ format: 'jwk' }), 'test');
    const claims = { jti: 'j', commandId: null, status: 200, statusText: 'alive' };
    const token = Buffer.from(await signResult(own, 'acme', claims, rig.clock.now()));
    const seen = async (): Promise<Date | null | undefined> => {
      const { system } = await import('../../../src/platform/database/scope.js');
      const states = await rig.db.database.transaction(system('containment'), (tx) =>
        new AgentKeyRepository().states(tx),
      );
      return states[0]?.lastSeenAt;
    };
    expect(await seen()).toBeNull();
    await rig.results.take('acme', token);
    const first = await seen();
    expect(first).toEqual(rig.clock.now());
    rig.clock.advanceMs(120_000);
    await rig.results.take('acme', token);
    expect(await seen()).toEqual(first);
  });

  it('of another silo’s agent to this action is refused, and a repeat does nothing', async () => {
    const own = await agentKey();
    const other = await agentKey();
    await rig.enrolment.enrol('acme', own.publicKey.export({ format: 'jwk' }), 'test');
    await rig.enrolment.enrol('globex', other.publicKey.export({ format: 'jwk' }), 'test');
    const { id } = await attacked();
    await rig.dispatch.send(id);
    const claims = { jti: 'j', commandId: id, status: 500, statusText: 'no' };
    await rig.results.take('globex', Buffer.from(await signResult(other, 'globex', claims, rig.clock.now())));
    expect((await rig.action(id)).state).toBe('sent');
    const token = Buffer.from(await signResult(own, 'acme', claims, rig.clock.now()));
    await rig.results.take('acme', token);
    const { version, state } = await rig.action(id);
    expect(state).toBe('failed');
    await rig.results.take('acme', token);
    expect((await rig.action(id)).version).toBe(version);
  });
});

describe('what people decide about an action', () => {
  it('is bound to the bytes, takes whom it needs, and can be done by hand with a second person', async () => {
    await rig.agent('acme', {});
    const { incidentId } = await attacked();
    const isolate = { kind: 'silo.isolate', tenant: 'acme', target: { silo: 'acme' } };
    const dry = await rig.proposals.propose(rig.ada, incidentId, isolate, true);
    expect(dry).toMatchObject({ needs: 'two_people', state: 'proposed' });
    expect(await rig.ofIncident(incidentId)).toHaveLength(1);
    const { id, commandHash } = await rig.proposals.propose(rig.ada, incidentId, isolate, false);
    await expect(rig.proposals.propose(rig.ben, incidentId, isolate, false)).rejects.toMatchObject({
      code: 'CONTAINMENT_REPEATED',
    });
    await expect(rig.approvals.approve(rig.ada, id, commandHash)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(rig.approvals.approve(rig.ben, id, '0'.repeat(64))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(rig.approvals.approve(rig.gus, id, commandHash)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await rig.approvals.approve(rig.ben, id, commandHash);
    expect((await rig.action(id)).state).toBe('proposed');
    await expect(rig.approvals.approve(rig.ben, id, commandHash)).rejects.toThrow(/second person/);
    await expect(rig.approvals.byHand(rig.ada, id, 'ticket', rig.ada.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await rig.approvals.byHand(rig.ada, id, 'ticket 7', rig.ben.id);
    await expect(rig.approvals.confirmByHand(rig.ada, id)).rejects.toThrow(/Ben is to confirm/);
    await rig.approvals.confirmByHand(rig.ben, id);
    expect(await rig.action(id)).toMatchObject({ state: 'done_by_hand', byHand: { evidence: 'ticket 7' } });
    await rig.approvals.undo(rig.ada, id);
    expect((await rig.ofIncident(incidentId)).map(({ kind, undoes }) => [kind, undoes])).toContainEqual([
      'silo.reconnect',
      id,
    ]);
  });

  it('cannot block what is on the never-block list, nor act on a silo that is not affected', async () => {
    const { incidentId } = await attacked();
    const block = { kind: 'address.block', tenant: 'acme', target: { address: '198.51.100.7' } };
    await expect(rig.proposals.propose(rig.ada, incidentId, block, false)).rejects.toThrow(/never-block/);
    const elsewhere = { kind: 'session.revoke', tenant: 'globex', target: { session: 's' } };
    await expect(rig.proposals.propose(rig.ada, incidentId, elsewhere, false)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const odd = { kind: 'session.revoke', tenant: 'acme', target: { session: 's', also: 'x' } };
    await expect(rig.proposals.propose(rig.ada, incidentId, odd, false)).rejects.toMatchObject({
      code: 'CONTAINMENT_TARGET',
    });
  });
});
