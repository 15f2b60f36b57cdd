export interface ContainmentFacts {
  /** What the actions still need, from containment. */
  readonly actionsMissing: readonly string[];
  readonly actionCount: number;
  readonly lastActionAt: Date | null;
  /** Latest alert on the incident's entities. */
  readonly lastActivityAt: Date;
  readonly quietMs: number;
  readonly declaration: { readonly declaredAt: Date; readonly lapsedAt: Date | null } | null;
}

/** When the incident's entities count as quiet: `quietMs` after the last alert or action, whichever was later. */
export function quietFrom(facts: Pick<ContainmentFacts, 'lastActionAt' | 'lastActivityAt' | 'quietMs'>): Date {
  return new Date(Math.max(facts.lastActivityAt.getTime(), facts.lastActionAt?.getTime() ?? 0) + facts.quietMs);
}

const clockTime = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** What containment still lacks: proof for each action, quiet, and a responder's word. */
export function missingForContainment(facts: ContainmentFacts, now: Date): readonly string[] {
  const missing = [...facts.actionsMissing];
  const quiet = quietFrom(facts);
  if (now < quiet) {
    const minutes = facts.quietMs / 60_000;
    missing.push(
      `No alert on the incident's entities for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}: at the earliest at ${clockTime(quiet)}`,
    );
  }
  if (facts.declaration === null) missing.push('A responder declares the incident contained');
  else if (facts.declaration.lapsedAt !== null)
    missing.push(
      `A responder declares it contained again: the declaration lapsed at ${clockTime(facts.declaration.lapsedAt)}`,
    );
  return missing;
}

/** What must hold before a responder may declare it contained: all of the above but the declaration itself. */
export const missingForDeclaration = (facts: ContainmentFacts, now: Date): readonly string[] =>
  missingForContainment({ ...facts, declaration: { declaredAt: now, lapsedAt: null } }, now);
