import { Badge, type Tone, words } from '../ui/badges';

/** The states of a report in the order of its life. */
export const reportStates = [
  'new',
  'acknowledged',
  'triaged',
  'accepted',
  'fixing',
  'fixed',
  'disclosed',
  'needs_information',
  'duplicate',
  'not_applicable',
  'spam',
] as const;

const tones: Record<string, Tone> = {
  new: 'bad',
  acknowledged: 'warn',
  triaged: 'accent',
  accepted: 'accent',
  fixing: 'accent',
  needs_information: 'warn',
  fixed: 'good',
  disclosed: 'good',
};

export const ReportStateBadge = ({ state }: { state: string }) => (
  <Badge tone={tones[state] ?? 'plain'}>{words(state)}</Badge>
);
