import { type Guard } from '../compile/guard.js';

/** How often a rule has to be tried, from rarely to always. */
export const COST_CLASSES = ['a rare literal', 'a common literal', 'the presence of a field', 'every event'] as const;
export type CostClass = (typeof COST_CLASSES)[number];

/** Guards that are guessed to lie in more events than this are no longer rare. */
const RARE = 0.02;

/** What names a rule as a candidate; nothing does for a rule that has to be tried on every event of its log source. */
export function costClassOf(guard: Guard | undefined): CostClass {
  if (guard === undefined) return 'every event';
  if (guard.terms.some(({ place }) => place === 'present')) return 'the presence of a field';
  return guard.cost > RARE ? 'a common literal' : 'a rare literal';
}
