import type { Page, PageAttempt } from './page.js';
import type { PageView } from './paging.schema.js';

/** A page as the API shows it. */
export function pageView(page: Page, attempts: readonly PageAttempt[]): PageView {
  const own = attempts.filter((attempt) => attempt.pageId === page.id);
  const last = own.at(-1);
  return {
    id: page.id,
    incidentId: page.incidentId,
    number: page.number,
    severity: page.severity,
    cause: page.cause,
    detail: page.detail,
    state: page.state,
    step: (last?.step ?? page.policy.steps.length) + 1,
    startedAt: page.startedAt.toISOString(),
    nextAt: page.dueAt?.toISOString() ?? null,
    acknowledgedBy: page.acknowledgedBy?.name ?? null,
    acknowledgedAt: page.acknowledgedAt?.toISOString() ?? null,
    acknowledgedVia: page.acknowledgedVia,
    attempts: own.map((attempt) => ({
      at: (attempt.at ?? attempt.createdAt).toISOString(),
      staffName: attempt.staffName,
      method: attempt.method,
      outcome: attempt.outcome,
      isLate: attempt.isLate,
      answer: attempt.answer,
    })),
  };
}
