import { ActionIcon, Group, Select, Textarea } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, take } from '../api/client';
import type { Alert, Verdict } from '../api/types';
import { incidentsQuery } from '../incidents/incident-queries';
import { Badge, LevelBadge, VerdictBadge } from '../ui/badges';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Loaded, ProblemNote } from '../ui/loaded';
import { Ago, When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { alertQuery } from './alert-queries';
import { EvidenceButton } from './evidence-view';

const choices: { verdict: Verdict; label: string }[] = [
  { verdict: 'true_positive', label: 'True' },
  { verdict: 'false_positive', label: 'False alarm' },
  { verdict: 'benign', label: 'Benign' },
];

/** The verdict with its reason; judging again replaces it. */
function VerdictForm({ alert }: { alert: Alert }) {
  const [reason, setReason] = useState('');
  const judge = useAct({
    run: (verdict: Verdict) =>
      take(api.POST('/api/alerts/{id}/verdict', { params: { path: { id: alert.id } }, body: { verdict, reason } })),
    done: 'Judged',
    topics: ['alert', 'incident'],
    showsErrors: true,
    then: () => setReason(''),
  });
  return (
    <section aria-label="Verdict">
      <h3>Verdict</h3>
      <Textarea
        aria-label="Reason for the verdict"
        placeholder="Why: what did you look at?"
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        mb={8}
      />
      <div className="sw-verdicts">
        {choices.map(({ verdict, label }) => (
          <GuardedButton
            key={verdict}
            permission="incidents.work"
            blocked={reason.trim() === '' ? 'Give the reason first.' : undefined}
            variant={alert.verdict === verdict ? 'filled' : 'default'}
            loading={judge.isPending && judge.variables === verdict}
            onClick={() => judge.mutate(verdict)}
          >
            {label}
          </GuardedButton>
        ))}
      </div>
      {judge.error !== null && <ProblemNote error={judge.error} />}
    </section>
  );
}

/** Opens an incident from it, or joins a running one. */
function IncidentForm({ alert }: { alert: Alert }) {
  const navigate = useNavigate();
  const running = useInfiniteQuery(incidentsQuery('running'));
  const [incidentId, setIncidentId] = useState<string | null>(null);
  const join = useAct({
    run: (id: string | null) =>
      take(
        api.POST('/api/alerts/{id}/incident', {
          params: { path: { id: alert.id } },
          body: id === null ? {} : { incidentId: id },
        }),
      ),
    done: (_, id) => (id === null ? 'Incident opened' : 'Joined'),
    topics: ['alert', 'incident'],
    then: (answer) => void navigate({ to: '/incidents/$id', params: { id: answer.incidentId } }),
  });
  if (alert.incidentId !== null) {
    return (
      <section>
        <h3>Incident</h3>
        <Link to="/incidents/$id" params={{ id: alert.incidentId }}>
          Go to its incident
        </Link>
      </section>
    );
  }
  return (
    <section aria-label="Incident">
      <h3>Incident</h3>
      <Group gap="xs" wrap="nowrap">
        <Select
          className="sw-grow"
          aria-label="Running incident"
          placeholder="A running incident"
          searchable
          clearable
          data={(running.data?.pages ?? [])
            .flatMap((page) => page.items)
            .map((item) => ({ value: item.id, label: `${item.number} · ${item.title}` }))}
          value={incidentId}
          onChange={setIncidentId}
        />
        {incidentId !== null ? (
          <GuardedButton permission="incidents.work" loading={join.isPending} onClick={() => join.mutate(incidentId)}>
            Join
          </GuardedButton>
        ) : (
          <GuardedButton
            permission="incidents.work"
            variant="default"
            loading={join.isPending}
            onClick={() => join.mutate(null)}
          >
            Open a new one
          </GuardedButton>
        )}
      </Group>
    </section>
  );
}

function Facts({ alert }: { alert: Alert }) {
  return (
    <dl className="sw-kv">
      <dt>Silo</dt>
      <dd>
        <Link to="/silos/$tenant" params={{ tenant: alert.tenant }}>
          {alert.tenant}
        </Link>
      </dd>
      <dt>Events</dt>
      <dd>
        {alert.count.toLocaleString()}, <When at={alert.firstEventAt} /> to <When at={alert.lastEventAt} />
      </dd>
      {alert.group.length > 0 && (
        <>
          <dt>Counted by</dt>
          <dd>
            <Hostile text={alert.group.join(' · ')} fold={120} mono />
          </dd>
        </>
      )}
      {alert.promises.length > 0 && (
        <>
          <dt>Promises</dt>
          <dd>{alert.promises.join(', ')}</dd>
        </>
      )}
      {alert.tags.length > 0 && (
        <>
          <dt>Tags</dt>
          <dd>{alert.tags.join(', ')}</dd>
        </>
      )}
      {alert.playbook !== null && (
        <>
          <dt>Playbook</dt>
          <dd>{alert.playbook}</dd>
        </>
      )}
      <dt>Rule</dt>
      <dd className="sw-mono">
        {alert.ruleId} ({alert.status})
      </dd>
    </dl>
  );
}

interface AlertDetailProps {
  id: string;
  onClose: () => void;
}

/** One alert: what matched, who, the raw events, the verdict. */
export function AlertDetail({ id, onClose }: AlertDetailProps) {
  const query = useQuery(alertQuery(id));
  return (
    <section className="sw-panel sw-triage-detail" aria-label="Alert">
      <div className="sw-panel-head">
        <h2>Alert</h2>
        <div className="sw-panel-more">
          <EvidenceButton alertId={id} />
          <ActionIcon variant="subtle" color="gray" aria-label="Close the alert" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </div>
      </div>
      <Loaded query={query} lines={8}>
        {(alert) => (
          <div className="sw-panel-body sw-detail">
            <div>
              <span className="sw-alert-end">
                <LevelBadge level={alert.level} />
                <VerdictBadge verdict={alert.verdict} />
                {alert.resolvedAt !== null && (
                  <Badge tone="good">
                    Over <Ago at={alert.resolvedAt} suffix="" />
                  </Badge>
                )}
              </span>
              <p className="sw-alert-title">
                <Hostile text={alert.ruleTitle} fold={200} />
              </p>
              {alert.explanation !== null && <Hostile text={alert.explanation} fold={400} />}
            </div>
            <Facts alert={alert} />
            <section>
              <h3>Who and what</h3>
              <ul className="sw-entities">
                {alert.entities.map((entity) => (
                  <li key={`${entity.kind}-${entity.value}`}>
                    <span className="sw-dim">{entity.kind}</span> <Hostile text={entity.value} fold={80} mono />
                  </li>
                ))}
              </ul>
            </section>
            <VerdictForm alert={alert} />
            <IncidentForm alert={alert} />
          </div>
        )}
      </Loaded>
    </section>
  );
}
