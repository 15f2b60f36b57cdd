import { assess, whyNotWaivable, type IncidentFacts } from '../../../src/incidents/assess.js';
import type { WorkstreamKind } from '../../../src/incidents/incident.js';

const at = (time: string): Date => new Date(`2026-03-01T${time}Z`);
const NOW = at('12:00:00');
const ada = { id: 'ada', name: 'Ada' };
const ben = { id: 'ben', name: 'Ben' };

const done: IncidentFacts = {
  severity: 'SEV1',
  disposition: null,
  reopenedAt: null,
  containment: {
    actionsMissing: [],
    actionCount: 1,
    lastActionAt: at('11:00:00'),
    lastActivityAt: at('10:59:00'),
    quietMs: 30 * 60_000,
    declaration: { declaredAt: at('11:45:00'), lapsedAt: null },
  },
  rootCause: {
    category: 'stolen credentials',
    whatHappened: 'A leaked password was tried.',
    whys: [{ text: 'No second factor was asked for', evidenceHref: '/alerts/1' }],
    introducedAt: at('01:00:00'),
    firstExploitedAt: at('10:00:00'),
    detectedAt: at('10:01:00'),
    editors: [ada],
    updatedAt: at('11:00:00'),
    review: { verdict: 'accepted', comment: '', reviewer: ben, at: at('11:30:00') },
    version: 1,
  },
  notification: {
    tenants: ['acme'],
    decisions: [
      {
        tenant: 'acme',
        decision: 'notify',
        reason: 'data left',
        author: ada,
        decidedAt: at('11:00:00'),
        approver: null,
        approvedAt: null,
      },
    ],
    noticesMissing: [],
    clocks: [{ name: 'Contract', tenant: 'acme', state: 'met', settledAt: at('11:00:00'), dueAt: at('23:00:00') }],
  },
  review: {
    heldOn: '2026-03-01',
    participants: ['Ada', 'Ben'],
    wentWell: 'Fast',
    wentBadly: 'No second factor',
    noActionsReason: null,
    author: ada,
    updatedAt: at('11:50:00'),
  },
  correctiveActions: 1,
  waived: new Set<WorkstreamKind>(),
};

const stream = (facts: IncidentFacts, kind: WorkstreamKind) =>
  assess(facts, NOW).workstreams.find((workstream) => workstream.kind === kind);
const missing = (facts: IncidentFacts, kind: WorkstreamKind): readonly string[] => stream(facts, kind)?.missing ?? [];

describe('the status of an incident', () => {
  it('is closed when all four workstreams are done', () => {
    expect(assess(done, NOW)).toMatchObject({ status: 'closed', recheckAt: null });
  });

  it('is open until containment is done, contained until the root cause is, resolved until all is', () => {
    expect(assess({ ...done, containment: { ...done.containment, declaration: null } }, NOW).status).toBe('open');
    expect(assess({ ...done, rootCause: null }, NOW).status).toBe('contained');
    expect(assess({ ...done, review: null }, NOW).status).toBe('resolved');
    expect(assess({ ...done, notification: { ...done.notification, decisions: [] } }, NOW).status).toBe('resolved');
  });

  it('is open without containment, whatever else is done', () => {
    const facts = { ...done, containment: { ...done.containment, actionsMissing: ['x'] } };
    expect(assess(facts, NOW).status).toBe('open');
  });

  it('follows a person’s judgement where there is one', () => {
    expect(assess({ ...done, disposition: 'false_positive' }, NOW).status).toBe('false_positive');
    expect(assess({ ...done, disposition: 'duplicate', rootCause: null }, NOW).status).toBe('duplicate');
  });

  it('counts a waived workstream as done, but never for SEV1', () => {
    const waived = new Set<WorkstreamKind>(['root_cause']);
    expect(assess({ ...done, severity: 'SEV3', rootCause: null, waived }, NOW).status).toBe('closed');
    expect(assess({ ...done, severity: 'SEV1', rootCause: null, waived }, NOW).status).toBe('contained');
    expect(whyNotWaivable('SEV1')).toMatch(/SEV1/);
    expect(whyNotWaivable('SEV2')).toBeNull();
  });
});

describe('containment is done only when', () => {
  it('every action is proven, in the words of containment', () => {
    const facts = { ...done, containment: { ...done.containment, actionsMissing: ['Approve or reject: revoke s-1'] } };
    expect(missing(facts, 'containment')).toEqual(['Approve or reject: revoke s-1']);
    expect(stream(facts, 'containment')?.state).toBe('in_progress');
  });

  it('the entities are quiet for the configured time after the last alert and action, and says until when', () => {
    const late = { ...done, containment: { ...done.containment, lastActivityAt: at('11:45:00') } };
    expect(missing(late, 'containment')).toEqual([
      "No alert on the incident's entities for 30 minutes: at the earliest at 2026-03-01 12:15:00 UTC",
    ]);
    expect(assess(late, NOW).recheckAt).toEqual(at('12:15:00'));
    const acted = { ...done, containment: { ...done.containment, lastActionAt: at('11:59:00') } };
    expect(missing(acted, 'containment')[0]).toMatch(/12:29:00/);
  });

  it('a responder declared it, and the declaration did not lapse', () => {
    const undeclared = { ...done, containment: { ...done.containment, actionCount: 0, declaration: null } };
    expect(missing(undeclared, 'containment')).toEqual(['A responder declares the incident contained']);
    expect(stream(undeclared, 'containment')?.state).toBe('not_started');
    const lapsed = {
      ...done,
      containment: { ...done.containment, declaration: { declaredAt: at('10:00:00'), lapsedAt: at('11:00:00') } },
    };
    expect(missing(lapsed, 'containment')[0]).toMatch(/lapsed at 2026-03-01 11:00:00 UTC/);
  });
});

describe('the root cause is done only when', () => {
  const cause = done.rootCause!;
  it('it is complete', () => {
    const empty = {
      ...cause,
      category: '',
      whatHappened: ' ',
      whys: [],
      introducedAt: null,
      firstExploitedAt: null,
      detectedAt: null,
    };
    expect(missing({ ...done, rootCause: empty }, 'root_cause')).toHaveLength(6);
  });

  it('every why points at its evidence', () => {
    const facts = { ...done, rootCause: { ...cause, whys: [{ text: 'a', evidenceHref: '/a' }, { text: 'b' }] } };
    expect(missing(facts, 'root_cause')).toEqual(['Why 2 has a link to its evidence']);
  });

  it('its times are in order', () => {
    const facts = { ...done, rootCause: { ...cause, introducedAt: at('10:30:00'), detectedAt: at('09:00:00') } };
    expect(missing(facts, 'root_cause')).toHaveLength(2);
  });

  it('someone else accepted it, for SEV1 and SEV2', () => {
    const unreviewed = { ...done, rootCause: { ...cause, review: null } };
    expect(missing(unreviewed, 'root_cause')).toEqual(['Someone other than Ada reviews the root cause']);
    expect(missing({ ...unreviewed, severity: 'SEV3' }, 'root_cause')).toEqual([]);
    const returned = { ...cause, review: { ...cause.review!, verdict: 'returned' as const, comment: 'too thin' } };
    expect(missing({ ...done, rootCause: returned }, 'root_cause')).toEqual([
      'The root cause was returned by Ben: too thin',
    ]);
  });

  it('it was looked at again after a reopening', () => {
    expect(missing({ ...done, reopenedAt: at('11:30:00') }, 'root_cause')).toHaveLength(1);
  });
});

describe('notification is done only when', () => {
  const [decision] = done.notification.decisions;
  it('every affected silo has a decision', () => {
    const facts = { ...done, notification: { ...done.notification, tenants: ['acme', 'globex'] } };
    expect(missing(facts, 'notification')).toEqual(['A decision for globex: notify, or not applicable']);
  });

  it('somebody else approved not to notify', () => {
    const spared = { ...decision!, decision: 'not_applicable' as const };
    const facts = { ...done, notification: { ...done.notification, decisions: [spared] } };
    expect(missing(facts, 'notification')).toEqual(['Someone other than Ada approves that acme is not notified']);
    const approved = { ...spared, approver: ben, approvedAt: NOW };
    expect(missing({ ...done, notification: { ...done.notification, decisions: [approved] } }, 'notification')).toEqual(
      [],
    );
  });

  it('the notices are out and every clock is met or waived; a missed one needs an answer too', () => {
    const clock = { name: 'Contract', tenant: 'acme', settledAt: null, dueAt: at('11:00:00') };
    const withState = (state: 'running' | 'missed' | 'waived') => ({
      ...done,
      notification: { ...done.notification, noticesMissing: ['A bounce'], clocks: [{ ...clock, state }] },
    });
    expect(missing(withState('running'), 'notification')).toEqual([
      'A bounce',
      'Contract for acme is met by 2026-03-01 11:00 UTC, or waived with a reason',
    ]);
    expect(missing(withState('missed'), 'notification')[1]).toMatch(/still not met/);
    expect(missing(withState('waived'), 'notification')).toEqual(['A bounce']);
  });
});

describe('the review is done only when', () => {
  const review = done.review!;
  it('it was held, by somebody, and says what went well and badly', () => {
    const facts = {
      ...done,
      review: { ...review, heldOn: '2026-03-09', participants: [], wentWell: '', wentBadly: '' },
    };
    expect(missing(facts, 'review')).toHaveLength(4);
    expect(missing({ ...done, review: null }, 'review')).toEqual(['The review is held']);
  });

  it('it has corrective actions, or the reason for none', () => {
    expect(missing({ ...done, correctiveActions: 0 }, 'review')).toHaveLength(1);
    expect(
      missing({ ...done, correctiveActions: 0, review: { ...review, noActionsReason: 'a drill' } }, 'review'),
    ).toEqual([]);
  });
});
