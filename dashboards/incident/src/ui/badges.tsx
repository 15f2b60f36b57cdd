import type { ReactNode } from 'react';
import type { IncidentStatus, Level, Severity, Verdict } from '../api/types';

export type Tone = 'sev1' | 'sev2' | 'sev3' | 'sev4' | 'good' | 'warn' | 'bad' | 'accent' | 'plain';

/** A word with a colour that repeats what the word says. */
export function Badge({ tone = 'plain', children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return (
    <span className="sw-badge" data-tone={tone} title={title}>
      {children}
    </span>
  );
}

const severityTones: Record<Severity, Tone> = { SEV1: 'sev1', SEV2: 'sev2', SEV3: 'sev3', SEV4: 'sev4' };
export const SeverityBadge = ({ severity }: { severity: Severity }) => (
  <Badge tone={severityTones[severity]}>{severity}</Badge>
);

const levelTones: Record<Level, Tone> = {
  critical: 'sev1',
  high: 'sev2',
  medium: 'sev3',
  low: 'sev4',
  informational: 'plain',
};
export const LevelBadge = ({ level }: { level: Level }) => (
  <Badge tone={levelTones[level]}>{level === 'informational' ? 'info' : level}</Badge>
);

const statuses: Record<IncidentStatus, { tone: Tone; word: string }> = {
  open: { tone: 'bad', word: 'Open' },
  contained: { tone: 'warn', word: 'Contained' },
  resolved: { tone: 'accent', word: 'Resolved' },
  closed: { tone: 'good', word: 'Closed' },
  false_positive: { tone: 'plain', word: 'False positive' },
  duplicate: { tone: 'plain', word: 'Duplicate' },
};
export const StatusBadge = ({ status }: { status: IncidentStatus }) => (
  <Badge tone={statuses[status].tone}>{statuses[status].word}</Badge>
);

const verdicts: Record<Verdict, { tone: Tone; word: string }> = {
  true_positive: { tone: 'bad', word: 'True' },
  false_positive: { tone: 'plain', word: 'False alarm' },
  benign: { tone: 'good', word: 'Benign' },
};
export const VerdictBadge = ({ verdict }: { verdict: Verdict | null }) =>
  verdict === null ? (
    <Badge tone="warn">To judge</Badge>
  ) : (
    <Badge tone={verdicts[verdict].tone}>{verdicts[verdict].word}</Badge>
  );

/** A state as the API names it, in words: `done_by_hand` → `Done by hand`. */
export const words = (name: string): string => {
  const text = name.replaceAll(/[_.-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
