import { Modal, Select, Stack, Textarea } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api, done } from '../api/client';
import type { Action } from '../api/types';
import { useMe } from '../app/session';
import { Badge, type Tone, words } from '../ui/badges';
import { FormEnd, ReasonDialog } from '../ui/forms';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { ProblemNote } from '../ui/loaded';
import { When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { staffQuery } from './incident-queries';

const tones: Record<Action['state'], Tone> = {
  proposed: 'warn',
  approved: 'accent',
  sent: 'accent',
  acknowledged: 'accent',
  verified: 'good',
  rejected: 'plain',
  expired: 'bad',
  failed: 'bad',
  undone: 'plain',
  done_by_hand: 'good',
};

const needWords: Record<Action['needs'], string> = {
  none: 'One responder approves',
  responder: 'One responder approves',
  commander: 'A commander approves',
  two_people: 'Two people approve',
};

function ByHandDialog({ action, onClose }: { action: Action; onClose: () => void }) {
  const me = useMe();
  const staff = useQuery(staffQuery);
  const [evidence, setEvidence] = useState('');
  const [secondPersonId, setSecond] = useState<string | null>(null);
  const record = useAct({
    run: () =>
      done(
        api.POST('/api/actions/{id}/by-hand', {
          params: { path: { id: action.id } },
          body: { evidence, secondPersonId: secondPersonId ?? '' },
        }),
      ),
    done: 'Recorded. The second person confirms it.',
    topics: ['action', 'incident'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    record.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Done by hand">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Textarea
            label="What was done, and what shows it"
            required
            data-autofocus
            minRows={3}
            value={evidence}
            onChange={(event) => setEvidence(event.currentTarget.value)}
          />
          <Select
            label="Second person, who confirms it"
            required
            searchable
            placeholder={staff.isPending ? 'Loading…' : 'Choose'}
            data={(staff.data ?? [])
              .filter((person) => person.id !== me?.id)
              .map((person) => ({ value: person.id, label: person.name }))}
            value={secondPersonId}
            onChange={setSecond}
          />
          <ProblemNote error={record.error} />
          <FormEnd submit="Record" isPending={record.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

function ActionButtons({ action }: { action: Action }) {
  const me = useMe();
  const [open, setOpen] = useState<'reject' | 'hand' | null>(null);
  const path = { id: action.id };
  const topics = ['action', 'incident'] as const;
  const approve = useAct({
    run: () => done(api.POST('/api/actions/{id}/approve', { params: { path }, body: { hash: action.hash } })),
    done: 'Approved',
    topics,
  });
  const confirm = useAct({
    run: () => done(api.POST('/api/actions/{id}/confirm-by-hand', { params: { path } })),
    done: 'Confirmed',
    topics,
  });
  const undo = useAct({
    run: () => done(api.POST('/api/actions/{id}/undo', { params: { path } })),
    done: 'Undone',
    topics,
  });
  const reject = useAct({
    run: (reason: string) => done(api.POST('/api/actions/{id}/reject', { params: { path }, body: { reason } })),
    done: 'Rejected',
    topics,
    showsErrors: true,
    then: () => setOpen(null),
  });
  const isProposed = action.state === 'proposed';
  const isStuck = action.state === 'expired' || action.state === 'failed';
  const { byHand } = action;
  const isWaitingForSecond = byHand !== null && byHand.confirmedAt === null;
  const isOwn = action.proposedBy.id === me?.id && action.needs !== 'none';
  const hasApproved = action.approvals.some((approval) => approval.staff.id === me?.id);
  return (
    <>
      {(isProposed || isStuck) && !isWaitingForSecond && (
        <GuardedButton
          permission={action.needs === 'commander' ? 'containment.approve' : 'incidents.work'}
          blocked={
            isOwn
              ? 'Whoever proposes an action does not approve it.'
              : hasApproved && isProposed
                ? 'You approved it already: a second person has to.'
                : undefined
          }
          size="compact-sm"
          loading={approve.isPending}
          onClick={() => approve.mutate()}
        >
          {isStuck ? 'Send again' : 'Approve'}
        </GuardedButton>
      )}
      {isWaitingForSecond && (
        <GuardedButton
          permission="incidents.work"
          blocked={byHand.secondPerson.id === me?.id ? undefined : `${byHand.secondPerson.name} confirms it.`}
          size="compact-sm"
          loading={confirm.isPending}
          onClick={() => confirm.mutate()}
        >
          Confirm it was done
        </GuardedButton>
      )}
      {(isProposed || isStuck) && !isWaitingForSecond && (
        <GuardedButton permission="incidents.work" variant="default" size="compact-sm" onClick={() => setOpen('hand')}>
          By hand…
        </GuardedButton>
      )}
      {(isProposed || isStuck) && (
        <GuardedButton
          permission="incidents.work"
          variant="default"
          size="compact-sm"
          onClick={() => setOpen('reject')}
        >
          Reject…
        </GuardedButton>
      )}
      {action.undoKind !== null && action.undoes === null && action.state === 'verified' && (
        <GuardedButton
          permission="incidents.work"
          variant="default"
          size="compact-sm"
          loading={undo.isPending}
          onClick={() => undo.mutate()}
        >
          Undo
        </GuardedButton>
      )}
      {open === 'reject' && (
        <ReasonDialog
          title="Reject this action"
          submit="Reject"
          isPending={reject.isPending}
          error={reject.error}
          onSubmit={reject.mutate}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'hand' && <ByHandDialog action={action} onClose={() => setOpen(null)} />}
    </>
  );
}

/** One containment action: what, on whom, how far it is, and what proves it. */
export function ActionCard({ action }: { action: Action }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <article className="sw-card" aria-label={`${action.label}: ${words(action.state)}`}>
      <div className="sw-card-line">
        <b className="sw-grow">{action.label}</b>
        <Badge tone={tones[action.state]}>{words(action.state)}</Badge>
      </div>
      <span className="sw-dim">
        On {action.tenant}: hits {action.blastRadius}. {action.state === 'proposed' && `${needWords[action.needs]}.`}
      </span>
      {action.verification !== null && (
        <div className="sw-proof">
          <IconShieldCheck size={15} aria-hidden />
          <span>
            <Hostile text={action.verification.text} /> (<When at={action.verification.at} />)
          </span>
        </div>
      )}
      {action.verification === null && action.result !== null && (
        <span>
          Agent: {action.result.status} <Hostile text={action.result.statusText} fold={160} />
        </span>
      )}
      {action.reason !== null && <Hostile text={action.reason} fold={200} />}
      {action.byHand !== null && (
        <span>
          By hand, {action.byHand.by.name}: <Hostile text={action.byHand.evidence} fold={200} />{' '}
          <span className="sw-dim">
            {action.byHand.confirmedAt === null
              ? `${action.byHand.secondPerson.name} has to confirm it`
              : `confirmed by ${action.byHand.secondPerson.name}`}
          </span>
        </span>
      )}
      {action.evidence.length > 0 && (
        <span className="sw-dim">
          Sealed before it was sent: {action.evidence.length} {action.evidence.length === 1 ? 'record' : 'records'}
        </span>
      )}
      <div className="sw-card-acts">
        <ActionButtons action={action} />
        <button type="button" className="sw-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Less' : 'Details'}
        </button>
      </div>
      {isOpen && (
        <>
          <pre className="sw-code" tabIndex={0}>
            <Hostile text={JSON.stringify(action.command, null, 2)} fold={4000} />
          </pre>
          <span className="sw-dim">
            Proposed by {action.proposedBy.name} <When at={action.proposedAt} />
            {action.approvals.map((approval) => (
              <span key={approval.at}>
                {' '}
                · approved by {approval.staff.name} <When at={approval.at} />
              </span>
            ))}
          </span>
        </>
      )}
    </article>
  );
}
