import { IconBellOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { api, take } from '../api/client';
import type { Page } from '../api/types';
import { Badge, type Tone, words } from '../ui/badges';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Quiet } from '../ui/loaded';
import { Panel } from '../ui/panel';
import { roughly, When } from '../ui/time';
import { useAct } from '../ui/use-act';

const states: Record<Page['state'], { tone: Tone; word: string }> = {
  pending: { tone: 'warn', word: 'To be sent' },
  sent: { tone: 'warn', word: 'Unanswered' },
  acknowledged: { tone: 'good', word: 'Acknowledged' },
  expired: { tone: 'plain', word: 'Over' },
};
const outcomes: Record<Page['attempts'][number]['outcome'], Tone> = {
  queued: 'accent',
  sent: 'good',
  failed: 'bad',
  expired: 'plain',
};

function PageEntry({ page }: { page: Page }) {
  const acknowledge = useAct({
    run: () => take(api.POST('/api/pages/{id}/acknowledge', { params: { path: { id: page.id } } })),
    done: `${page.number} acknowledged`,
    topics: ['page', 'incident'],
  });
  const isRunning = page.state === 'pending' || page.state === 'sent';
  return (
    <li className="sw-ev">
      <div className="sw-card-line">
        <Badge tone={states[page.state].tone}>{states[page.state].word}</Badge>
        <Link to="/incidents/$id" params={{ id: page.incidentId }}>
          {page.number}
        </Link>
        <span>{page.severity}</span>
        <span className="sw-dim sw-grow">
          {words(page.cause)} {page.detail !== '' && <Hostile text={page.detail} fold={120} />} · step {page.step} ·{' '}
          <When at={page.startedAt} />
        </span>
        {isRunning && (
          <GuardedButton
            permission="incidents.work"
            size="compact-sm"
            loading={acknowledge.isPending}
            onClick={() => acknowledge.mutate()}
          >
            Acknowledge
          </GuardedButton>
        )}
      </div>
      {page.acknowledgedAt !== null && (
        <span className="sw-dim">
          {page.acknowledgedBy} acknowledged {page.acknowledgedVia === 'link' && 'by link '}after{' '}
          {roughly(Date.parse(page.acknowledgedAt) - Date.parse(page.startedAt))}
        </span>
      )}
      {page.attempts.length > 0 && (
        <ul className="sw-attempts" aria-label={`Attempts of ${page.number}`}>
          {page.attempts.map((attempt) => (
            <li key={`${attempt.at} ${attempt.staffName}`}>
              <When at={attempt.at} />
              <span>
                {attempt.staffName} by {attempt.method}
              </span>
              <Badge tone={outcomes[attempt.outcome]}>{attempt.outcome}</Badge>
              {attempt.isLate && <Badge tone="warn">late</Badge>}
              {attempt.answer !== null && (
                <span className="sw-dim sw-grow">
                  <Hostile text={attempt.answer} fold={90} mono />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** Every page with every attempt and the mail server's answer. */
export function PageLog({ pages }: { pages: readonly Page[] }) {
  return (
    <Panel flush title="Pages">
      {pages.length === 0 ? (
        <Quiet icon={<IconBellOff size={24} stroke={1.5} />} title="Nobody was paged">
          An incident that opens, reopens or nears a deadline pages whoever is on call; each attempt shows here.
        </Quiet>
      ) : (
        <ul className="sw-rows">
          {pages.map((page) => (
            <PageEntry key={page.id} page={page} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
