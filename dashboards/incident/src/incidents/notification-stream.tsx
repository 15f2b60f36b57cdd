import { Modal, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type SubmitEvent, useState } from 'react';
import { api, done, take } from '../api/client';
import type { Incident, NoticeSummary } from '../api/types';
import { useMe } from '../app/session';
import { NoticeStateBadge } from '../notices/notice-words';
import { Badge, words } from '../ui/badges';
import { FormEnd } from '../ui/forms';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { incidentNoticesQuery } from './incident-queries';
import { Stream } from './stream-frame';

type Choice = 'notify' | 'not_applicable';

function DecideDialog({ incident, tenant, onClose }: { incident: Incident; tenant: string; onClose: () => void }) {
  const [decision, setDecision] = useState<Choice>('notify');
  const [reason, setReason] = useState('');
  const decide = useAct({
    run: () =>
      done(
        api.POST('/api/incidents/{id}/notification-decisions', {
          params: { path: { id: incident.id } },
          body: { tenant, decision, reason },
        }),
      ),
    done: decision === 'notify' ? `${tenant} will be notified` : 'Decided. Somebody else approves it.',
    topics: ['incident', 'notice'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    decide.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Notify ${tenant}?`}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <SegmentedControl
            fullWidth
            aria-label="Decision"
            data={[
              { value: 'notify', label: 'Notify' },
              { value: 'not_applicable', label: 'Not applicable' },
            ]}
            value={decision}
            onChange={(value) => setDecision(value === 'notify' ? 'notify' : 'not_applicable')}
          />
          <Text size="sm" c="dimmed">
            {decision === 'notify'
              ? 'Then a notice is written, approved by a second person and sent to the silo’s verified contacts.'
              : 'Then somebody else has to approve the reason.'}
          </Text>
          <Textarea
            label="Reason"
            required
            data-autofocus
            minRows={3}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ProblemNote error={decide.error} />
          <FormEnd submit="Decide" isPending={decide.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

interface SiloDecisionProps {
  incident: Incident;
  tenant: string;
  notices: readonly NoticeSummary[];
}

/** What was decided for one silo, and how its notices are. */
function SiloDecision({ incident, tenant, notices }: SiloDecisionProps) {
  const me = useMe();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const decision = incident.decisions.find((candidate) => candidate.tenant === tenant);
  const approve = useAct({
    run: () =>
      done(
        api.POST('/api/incidents/{id}/notification-decisions/{tenant}/approve', {
          params: { path: { id: incident.id, tenant } },
        }),
      ),
    done: 'Approved',
    topics: ['incident'],
  });
  const write = useAct({
    run: () =>
      take(
        api.POST('/api/incidents/{id}/notices', {
          params: { path: { id: incident.id } },
          body: { tenant, kind: notices.some((notice) => notice.state === 'sent') ? 'update' : 'first', facts: {} },
        }),
      ),
    topics: ['notice', 'incident'],
    then: (notice) => void navigate({ to: '/notices/$id', params: { id: notice.id } }),
  });
  const isPendingApproval = decision?.decision === 'not_applicable' && decision.approver === null;
  return (
    <article className="sw-card" aria-label={`Notification of ${tenant}`}>
      <div className="sw-card-line">
        <b className="sw-grow">{tenant}</b>
        {decision === undefined && <Badge tone="warn">To decide</Badge>}
        {decision?.decision === 'notify' && <Badge tone="accent">Notify</Badge>}
        {decision?.decision === 'not_applicable' && (
          <Badge tone={isPendingApproval ? 'warn' : 'good'}>Not applicable</Badge>
        )}
      </div>
      {decision !== undefined && (
        <span className="sw-dim">
          {decision.author.name}: <Hostile text={decision.reason} fold={140} />
          {decision.approver !== null && ` · approved by ${decision.approver.name}`}
        </span>
      )}
      {notices.map((notice) => (
        <Link key={notice.id} to="/notices/$id" params={{ id: notice.id }} className="sw-card-line sw-link">
          <NoticeStateBadge notice={notice} />
          <span className="sw-grow sw-cut">{words(notice.kind)} notice</span>
        </Link>
      ))}
      <div className="sw-card-acts">
        <GuardedButton
          permission="notices.write"
          variant={decision === undefined ? 'filled' : 'default'}
          size="compact-sm"
          onClick={() => setOpen(true)}
        >
          {decision === undefined ? 'Decide' : 'Decide anew'}
        </GuardedButton>
        {isPendingApproval && (
          <GuardedButton
            permission="notices.write"
            blocked={decision.author.id === me?.id ? 'Whoever decided does not approve.' : undefined}
            size="compact-sm"
            loading={approve.isPending}
            onClick={() => approve.mutate()}
          >
            Approve
          </GuardedButton>
        )}
        {decision?.decision === 'notify' && (
          <GuardedButton
            permission="notices.write"
            variant={notices.length === 0 ? 'filled' : 'default'}
            size="compact-sm"
            loading={write.isPending}
            onClick={() => write.mutate()}
          >
            Write a notice
          </GuardedButton>
        )}
      </div>
      {isOpen && <DecideDialog incident={incident} tenant={tenant} onClose={() => setOpen(false)} />}
    </article>
  );
}

/** Who is told, by whose decision, and whether it arrived. */
export function NotificationStream({ incident }: { incident: Incident }) {
  const notices = useQuery(incidentNoticesQuery(incident.id));
  return (
    <Stream incident={incident} kind="notification" end={null}>
      {incident.tenants.map((tenant) => (
        <SiloDecision
          key={tenant}
          incident={incident}
          tenant={tenant}
          notices={(notices.data ?? []).filter((notice) => notice.tenant === tenant)}
        />
      ))}
      <ProblemNote error={notices.error} onRetry={() => void notices.refetch()} />
    </Stream>
  );
}
