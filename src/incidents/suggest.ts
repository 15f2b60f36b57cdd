import type { Incident, Workstream, WorkstreamKind } from './incident.js';

/** One thing to do next: what to say on the button, which kind of step it is, and where it is done. */
export interface Suggestion {
  readonly label: string;
  readonly action: string;
  readonly href: string;
}

export interface SuggestionFacts {
  readonly incident: Pick<Incident, 'id' | 'status' | 'acknowledgedAt' | 'commander'>;
  readonly workstreams: readonly Workstream[];
  /** What the rules of its alerts say a responder does first, without repeats. */
  readonly responses: readonly string[];
  readonly shares: readonly { readonly id: string; readonly number: string }[];
}

const STEPS: Readonly<Record<WorkstreamKind, { readonly label: string; readonly action: string }>> = {
  containment: { label: 'Contain', action: 'containment' },
  root_cause: { label: 'Find the root cause', action: 'root-cause' },
  notification: { label: 'Tell the customers', action: 'notification' },
  review: { label: 'Hold the review', action: 'review' },
};

/** What a responder at three in the morning does next, the most urgent first. */
export function suggest({ incident, workstreams, responses, shares }: SuggestionFacts): readonly Suggestion[] {
  const here = `/incidents/${incident.id}`;
  if (!['open', 'contained', 'resolved'].includes(incident.status)) return [];
  const suggestions: Suggestion[] = [];
  if (incident.acknowledgedAt === null)
    suggestions.push({ label: 'Acknowledge: somebody is on it', action: 'acknowledge', href: here });
  if (incident.commander === null) suggestions.push({ label: 'Name a commander', action: 'commander', href: here });
  for (const response of responses.slice(0, 3)) suggestions.push({ label: response, action: 'respond', href: here });
  for (const { kind, missing } of workstreams) {
    const first = missing[0];
    if (first === undefined) continue;
    const { label, action } = STEPS[kind];
    suggestions.push({ label: `${label}: ${first}`, action, href: `${here}#${action}` });
  }
  for (const other of shares)
    suggestions.push({
      label: `${other.number} shares an entity: look whether it is the same attack`,
      action: 'merge',
      href: `/incidents/${other.id}`,
    });
  return suggestions;
}
