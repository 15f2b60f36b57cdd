import { isApproved, whyNotApprove, type Approval } from '../../../src/containment/approval.js';
import type { Needs } from '../../../src/containment/catalogue.js';

const HASH = 'a'.repeat(64);
const approval = (staffId: string, isCommander = false, hash = HASH): Approval => ({
  staffId,
  name: staffId,
  isCommander,
  hash,
  at: new Date(0),
});
const action = (needs: Needs, proposer: { kind: 'staff' | 'job'; id: string } = { kind: 'job', id: 'rule' }) => ({
  needs,
  commandHash: HASH,
  state: 'proposed' as const,
  proposer: { ...proposer, name: proposer.id },
});

describe('an action is approved', () => {
  it.each<[Needs, Approval[], boolean]>([
    ['none', [], true],
    ['responder', [], false],
    ['responder', [approval('ada')], true],
    ['commander', [approval('ada')], false],
    ['commander', [approval('cleo', true)], true],
    ['two_people', [approval('cleo', true)], false],
    ['two_people', [approval('cleo', true), approval('cleo', true)], false],
    ['two_people', [approval('ada'), approval('ben')], false],
    ['two_people', [approval('ada'), approval('cleo', true)], true],
    ['responder', [approval('ada', false, 'b'.repeat(64))], false],
    ['two_people', [approval('ada', false, 'b'.repeat(64)), approval('cleo', true)], false],
  ])('%s by %j: %s', (needs, approvals, expected) => {
    expect(isApproved(action(needs), approvals)).toBe(expected);
  });
});

describe('an approval is refused', () => {
  const ada = { id: 'ada', isCommander: false };
  it('for bytes other than those that were seen', () => {
    expect(whyNotApprove(action('responder'), [], ada, 'b'.repeat(64))?.kind).toBe('conflict');
  });

  it('from whoever proposed it', () => {
    expect(whyNotApprove(action('responder', { kind: 'staff', id: 'ada' }), [], ada, HASH)?.kind).toBe('forbidden');
    expect(whyNotApprove(action('none', { kind: 'staff', id: 'ada' }), [], ada, HASH)).toBeNull();
  });

  it('from a responder where a commander is needed', () => {
    expect(whyNotApprove(action('commander'), [], ada, HASH)?.kind).toBe('forbidden');
    expect(whyNotApprove(action('commander'), [], { id: 'cleo', isCommander: true }, HASH)).toBeNull();
  });

  it('twice from the same person', () => {
    expect(whyNotApprove(action('two_people'), [approval('ada')], ada, HASH)?.text).toMatch(/second person/);
  });

  it('once the action has moved on', () => {
    expect(whyNotApprove({ ...action('none'), state: 'sent' }, [], ada, HASH)?.kind).toBe('unmet');
  });
});
