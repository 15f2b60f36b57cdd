import { AccountTakeover } from '../../../src/demo/simulator/account-takeover.js';
import { Chance } from '../../../src/demo/simulator/chance.js';
import { AuditTrail } from '../../../src/demo/simulator/records.js';
import { populate } from '../../../src/demo/simulator/world.js';

const START = Date.UTC(2026, 2, 1, 9, 0, 0);

function attack(): AccountTakeover {
  const chance = new Chance(7);
  let ids = 0;
  const trail = new AuditTrail('harbor', () => `id-${(ids += 1)}`);
  return new AccountTakeover(populate('harbor', 'Harbor', 0, 4, chance), trail, chance, START);
}

const audits = (records: readonly { stream: string; raw: string }[]) =>
  records
    .filter((record) => record.stream === 'audit')
    .map((record) => JSON.parse(record.raw) as { action: string; outcome: string; prev?: string });

describe('the demo attack', () => {
  it('tells its story in order: guesses, a sign-in, the factor removed, bank details changed, the books exported', () => {
    const story = audits(attack().until(START + 60_000)).map((record) => `${record.action} ${record.outcome}`);
    expect([...new Set(story)]).toEqual([
      'session.login failure',
      'session.login success',
      'mfa.disable success',
      'bank_account.change success',
      'data.export success',
    ]);
  });

  it('goes on exporting until the session is revoked, then is refused and gives up', () => {
    const takeover = attack();
    takeover.until(START + 60_000);
    takeover.endSession(takeover.session);
    const after = takeover.until(START + 120_000);
    expect(audits(after)).toEqual([]);
    expect(after.every((record) => record.raw.includes(' 401 '))).toBe(true);
    expect(takeover.isOver).toBe(true);
  });

  it('is not stopped by the end of another session', () => {
    const takeover = attack();
    takeover.until(START + 60_000);
    takeover.endSession('s-other');
    expect(audits(takeover.until(START + 90_000)).map((record) => record.action)).toContain('data.export');
  });

  it('goes on from its other addresses when one is blocked, and is gone when all are', () => {
    const takeover = attack();
    const addresses = new Set(takeover.until(START + 9_000).map((record) => /^(203\.\S+) /.exec(record.raw)?.[1]));
    const [first, ...others] = [...addresses].filter((address) => address !== undefined);
    takeover.block(first!);
    const later = takeover.until(START + 60_000);
    expect(later.length).toBeGreaterThan(0);
    expect(later.some((record) => record.raw.includes(first!))).toBe(false);
    for (const address of others) takeover.block(address);
    expect(takeover.isOver).toBe(true);
    expect(takeover.until(START + 90_000)).toEqual([]);
  });

  it('is the same for the same seed', () => {
    expect(attack().until(START + 30_000)).toEqual(attack().until(START + 30_000));
  });
});
