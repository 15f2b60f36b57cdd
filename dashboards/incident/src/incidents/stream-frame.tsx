import { Button } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { api, done } from '../api/client';
import type { Incident, Workstream, WorkstreamKind } from '../api/types';
import { useMe } from '../app/session';
import { Badge, type Tone } from '../ui/badges';
import { ReasonDialog } from '../ui/forms';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { When } from '../ui/time';
import { useAct } from '../ui/use-act';

export const streamTitles: Record<WorkstreamKind, string> = {
  containment: 'Containment',
  root_cause: 'Root cause',
  notification: 'Notification',
  review: 'Review',
};

const states: Record<Workstream['state'], { tone: Tone; word: string }> = {
  not_started: { tone: 'plain', word: 'Not started' },
  in_progress: { tone: 'warn', word: 'In progress' },
  done: { tone: 'good', word: 'Done' },
  waived: { tone: 'good', word: 'Waived' },
};

const SHOWN = 4;

/** What is left to do, in the service's words. */
function Missing({ entries }: { entries: readonly string[] }) {
  const [isOpen, setOpen] = useState(false);
  if (entries.length === 0) return null;
  const shown = isOpen ? entries : entries.slice(0, SHOWN);
  return (
    <div>
      <ul className="sw-missing" aria-label="Still missing">
        {shown.map((entry) => (
          <li key={entry}>
            <Hostile text={entry} />
          </li>
        ))}
      </ul>
      {entries.length > SHOWN && (
        <Button variant="subtle" size="compact-xs" mt={6} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Fewer' : `${entries.length - SHOWN} more`}
        </Button>
      )}
    </div>
  );
}

function WaiveButton({ incident, kind }: { incident: Incident; kind: WorkstreamKind }) {
  const [isOpen, setOpen] = useState(false);
  const waive = useAct({
    run: (reason: string) =>
      done(
        api.POST('/api/incidents/{id}/workstreams/{kind}/waive', {
          params: { path: { id: incident.id, kind } },
          body: { reason },
        }),
      ),
    done: 'Asked to waive. Somebody else approves it.',
    topics: ['incident'],
    showsErrors: true,
    then: () => setOpen(false),
  });
  return (
    <>
      <GuardedButton
        permission="incidents.work"
        blocked={incident.severity === 'SEV1' ? 'No workstream of a SEV1 incident is waived.' : undefined}
        variant="subtle"
        size="compact-sm"
        onClick={() => setOpen(true)}
      >
        Waive…
      </GuardedButton>
      {isOpen && (
        <ReasonDialog
          title={`Waive: ${streamTitles[kind].toLowerCase()}`}
          about="It then counts as done once another person has approved it."
          submit="Ask to waive"
          isPending={waive.isPending}
          error={waive.error}
          onSubmit={waive.mutate}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function WaiverNote({ incident, kind }: { incident: Incident; kind: WorkstreamKind }) {
  const me = useMe();
  const waiver = incident.waivers.find((candidate) => candidate.kind === kind);
  const approve = useAct({
    run: () =>
      done(
        api.POST('/api/incidents/{id}/workstreams/{kind}/waive/approve', {
          params: { path: { id: incident.id, kind } },
        }),
      ),
    done: 'Waived',
    topics: ['incident'],
  });
  if (waiver === undefined) return null;
  return (
    <div className="sw-card">
      <span>
        <b>{waiver.author.name}</b> {waiver.approver === null ? 'asks to waive this' : 'waived this'}:{' '}
        <Hostile text={waiver.reason} />
      </span>
      {waiver.approver === null ? (
        <GuardedButton
          permission="containment.approve"
          blocked={waiver.author.id === me?.id ? 'Somebody else approves what you asked for.' : undefined}
          size="compact-sm"
          loading={approve.isPending}
          onClick={() => approve.mutate()}
        >
          Approve
        </GuardedButton>
      ) : (
        <span className="sw-dim">
          Approved by {waiver.approver.name} {waiver.approvedAt !== null && <When at={waiver.approvedAt} />}
        </span>
      )}
    </div>
  );
}

interface StreamProps {
  incident: Incident;
  kind: WorkstreamKind;
  children: ReactNode;
  /** The buttons that finish it. */
  end: ReactNode;
}

/** One of the four workstreams: its state, what is missing, and what finishes it. */
export function Stream({ incident, kind, children, end }: StreamProps) {
  const id = useId();
  const stream = incident.workstreams.find((candidate) => candidate.kind === kind);
  const state = stream?.state ?? 'not_started';
  return (
    <section
      id={kind.replace('_', '-')}
      tabIndex={-1}
      className="sw-panel sw-stream"
      data-state={state}
      aria-labelledby={id}
    >
      <div className="sw-panel-head">
        <h2 id={id}>{streamTitles[kind]}</h2>
        <div className="sw-panel-more">
          <Badge tone={states[state].tone}>{states[state].word}</Badge>
        </div>
      </div>
      <div className="sw-panel-body">
        <Missing entries={stream?.missing ?? []} />
        {children}
        <WaiverNote incident={incident} kind={kind} />
        <div className="sw-stream-end">
          {end}
          {state !== 'done' &&
            state !== 'waived' &&
            !incident.waivers.some((waiver) => waiver.kind === kind) &&
            incident.severity !== 'SEV1' && <WaiveButton incident={incident} kind={kind} />}
        </div>
      </div>
    </section>
  );
}
