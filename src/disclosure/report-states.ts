export const REPORT_STATES = [
  'new',
  'acknowledged',
  'triaged',
  'accepted',
  'fixing',
  'fixed',
  'disclosed',
  'duplicate',
  'not_applicable',
  'needs_information',
  'spam',
] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** What a person may turn a report into. Nothing is final: a mistake is taken back with a reason. */
export const TRANSITIONS: Readonly<Record<ReportState, readonly ReportState[]>> = {
  new: ['acknowledged', 'triaged', 'needs_information', 'duplicate', 'not_applicable', 'spam'],
  acknowledged: ['triaged', 'needs_information', 'duplicate', 'not_applicable', 'spam'],
  needs_information: ['triaged', 'duplicate', 'not_applicable', 'spam'],
  triaged: ['accepted', 'needs_information', 'duplicate', 'not_applicable', 'spam'],
  accepted: ['fixing', 'fixed', 'needs_information', 'duplicate', 'not_applicable'],
  fixing: ['fixed', 'accepted', 'needs_information', 'duplicate'],
  fixed: ['disclosed', 'fixing'],
  disclosed: ['fixing'],
  duplicate: ['triaged'],
  not_applicable: ['triaged'],
  spam: ['new'],
};

export const canBecome = (from: ReportState, to: ReportState): boolean => TRANSITIONS[from].includes(to);

/** Whether somebody has judged what it is worth: the second clock stops. */
export const isAssessed = (state: ReportState): boolean =>
  state !== 'new' && state !== 'acknowledged' && state !== 'needs_information';

/** Whether the reporter is told of a change to this state. Spam gets no answer. */
export const isTold = (state: ReportState): boolean => state !== 'spam' && state !== 'new';
