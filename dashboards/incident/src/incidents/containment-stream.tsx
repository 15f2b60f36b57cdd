import { Modal, Stack, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api, done } from '../api/client';
import type { Action, Incident } from '../api/types';
import { FormEnd } from '../ui/forms';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Loaded, ProblemNote } from '../ui/loaded';
import { When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { ActionCard } from './action-card';
import { actionsQuery } from './incident-queries';
import { ProposeAction } from './propose-action';
import { Stream } from './stream-frame';

function DeclareDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [statement, setStatement] = useState('');
  const declare = useAct({
    run: () =>
      done(
        api.POST('/api/incidents/{id}/containment/declare', {
          params: { path: { id: incident.id } },
          body: { statement },
        }),
      ),
    done: 'Declared contained',
    topics: ['incident'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    declare.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Declare it contained">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            Your word is one of the conditions. It lapses by itself should an alert arrive on the same entities.
          </Text>
          <Textarea
            label="What makes you sure"
            required
            data-autofocus
            minRows={3}
            value={statement}
            onChange={(event) => setStatement(event.currentTarget.value)}
          />
          <ProblemNote error={declare.error} />
          <FormEnd submit="Declare contained" isPending={declare.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

const order: Partial<Record<Action['state'], number>> = {
  proposed: 0,
  failed: 1,
  expired: 1,
  approved: 2,
  sent: 2,
  acknowledged: 2,
};
/** What waits for somebody comes first. */
const inOrder = (actions: readonly Action[]): Action[] =>
  [...actions].sort(
    (a, b) => (order[a.state] ?? 3) - (order[b.state] ?? 3) || b.proposedAt.localeCompare(a.proposedAt),
  );

/** What was done against it, and proof that it took effect. */
export function ContainmentStream({ incident }: { incident: Incident }) {
  const actions = useQuery(actionsQuery(incident.id));
  const [open, setOpen] = useState<'declare' | 'propose' | null>(null);
  const { declaration } = incident;
  const isDeclared = declaration !== null && declaration.lapsedAt === null;
  return (
    <Stream
      incident={incident}
      kind="containment"
      end={
        <>
          {!isDeclared && (
            <GuardedButton permission="incidents.work" size="compact-sm" onClick={() => setOpen('declare')}>
              Declare contained
            </GuardedButton>
          )}
          <GuardedButton
            permission="incidents.work"
            variant="default"
            size="compact-sm"
            onClick={() => setOpen('propose')}
          >
            Propose an action
          </GuardedButton>
        </>
      }
    >
      <Loaded query={actions} lines={3}>
        {(items) =>
          items.length === 0 ? (
            <span className="sw-dim">No action is proposed. Rules propose them; you can, too.</span>
          ) : (
            inOrder(items).map((action) => <ActionCard key={action.id} action={action} />)
          )
        }
      </Loaded>
      {declaration !== null && (
        <div className="sw-card">
          <span>
            <b>{declaration.author.name}</b> declared it contained <When at={declaration.declaredAt} />:{' '}
            <Hostile text={declaration.statement} />
          </span>
          {declaration.lapsedAt !== null && (
            <span className="sw-dim">
              Lapsed <When at={declaration.lapsedAt} />: it went on.
            </span>
          )}
        </div>
      )}
      {open === 'declare' && <DeclareDialog incident={incident} onClose={() => setOpen(null)} />}
      {open === 'propose' && <ProposeAction incident={incident} onClose={() => setOpen(null)} />}
    </Stream>
  );
}
