import { judge, readAudit, withRecord, type Proof } from '../../../src/containment/proof.js';

const T = Date.parse('2026-03-01T09:00:00Z');
const audit = (seconds: number, fields: Record<string, unknown>): string =>
  JSON.stringify({ v: 1, time: new Date(T + seconds * 1000).toISOString(), outcome: 'success', ...fields });
const revoked = (seconds: number, id = 's-1') =>
  audit(seconds, { action: 'session.revoke', actor: { type: 'service' }, target: { type: 'session', id } });
const used = (seconds: number, outcome = 'success', session = 's-1') =>
  audit(seconds, { action: 'data.export', outcome, actor: { id: 'u-1', session } });

const NOTHING: Proof = { shown: null, lastSuccess: null };
const read = (...raws: string[]): Proof =>
  raws.reduce((proof, raw, i) => {
    const facts = readAudit(raw, T + 3_600_000);
    const at = { topic: 'silo.acme.audit', partition: 0, offset: String(i), sha256: '' };
    return facts === null ? proof : withRecord(proof, 'session.revoke', 's-1', facts, at);
  }, NOTHING);
const after = (seconds: number, hasReadAll = true, isAcknowledged = true) => ({
  hasReadAll,
  isAcknowledged,
  startedAtMs: T,
  nowMs: T + seconds * 1000,
  settleMs: 10_000,
  patienceMs: 120_000,
});

describe('a revoked session is verified', () => {
  it('when the silo’s own record says so and nothing follows for the settle time', () => {
    expect(judge(read(used(1), revoked(5)), after(14)).kind).toBe('wait');
    expect(judge(read(used(1), revoked(5)), after(15))).toMatchObject({ kind: 'verified', by: { offset: '1' } });
  });

  it('not before the records are read to their end', () => {
    expect(judge(read(revoked(5)), after(60, false)).kind).toBe('wait');
  });

  it('also when the attacker goes on and is refused', () => {
    expect(judge(read(revoked(5), used(8, 'denied'), used(9, 'failure')), after(20)).kind).toBe('verified');
  });

  it('by the person’s own sign-out too', () => {
    const out = audit(5, { action: 'session.logout', actor: { id: 'u-1', session: 's-1' } });
    expect(judge(read(out), after(20)).kind).toBe('verified');
  });
});

describe('a revoked session is not verified', () => {
  it('by the agent’s word alone: after a while that is a failure', () => {
    expect(judge(read(used(1)), after(60)).kind).toBe('wait');
    expect(judge(read(used(1)), after(121)).kind).toBe('unproven');
    expect(judge(read(), after(121, true, false)).kind).toBe('wait');
  });

  it('when it is used with success afterwards, in whatever order the records come', () => {
    expect(judge(read(revoked(5), used(9)), after(20))).toMatchObject({ kind: 'contradicted', by: { offset: '1' } });
    expect(judge(read(used(9), revoked(5)), after(20)).kind).toBe('contradicted');
  });

  it('but a request that was under way is no contradiction', () => {
    expect(judge(read(revoked(5), used(6)), after(20)).kind).toBe('verified');
  });

  it('by a record about another session, a failed attempt, or a record that only mentions it', () => {
    expect(judge(read(revoked(5, 's-2')), after(60)).kind).toBe('wait');
    const failed = audit(5, { action: 'session.revoke', outcome: 'failure', target: { id: 's-1' } });
    expect(judge(read(failed), after(60)).kind).toBe('wait');
    // An attacker who signs out another session while using this one.
    const other = audit(5, {
      action: 'session.logout',
      actor: { session: 's-1' },
      target: { type: 'session', id: 's-9' },
    });
    expect(judge(read(other), after(60)).kind).toBe('wait');
  });

  it('by what is no record, or a time that lies ahead of its arrival', () => {
    for (const raw of ['', '{', '[]', 'null', '"x"', '{"action":5e999}', '{"action":{}}'])
      expect(readAudit(raw, T)).toBeNull();
    expect(readAudit(revoked(99_999), T)?.timeMs).toBe(T);
    expect(readAudit(`{"action":"a","time":"nonsense","actor":null,"target":[1]}`, T)).toMatchObject({ timeMs: T });
  });
});
