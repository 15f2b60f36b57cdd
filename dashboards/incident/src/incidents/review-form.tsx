import { Drawer, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api, done } from '../api/client';
import type { Incident } from '../api/types';
import { FormEnd, today } from '../ui/forms';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { staffQuery } from './incident-queries';

interface Values {
  heldOn: string;
  participants: string[];
  wentWell: string;
  wentBadly: string;
  noActionsReason: string;
}

/** Records the review that was held. */
export function ReviewForm({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const { review } = incident;
  const staff = useQuery(staffQuery);
  const form = useForm<Values>({
    initialValues: {
      heldOn: review?.heldOn ?? today(),
      participants: review?.participants ?? [],
      wentWell: review?.wentWell ?? '',
      wentBadly: review?.wentBadly ?? '',
      noActionsReason: review?.noActionsReason ?? '',
    },
  });
  const save = useAct({
    run: ({ noActionsReason, ...values }: Values) =>
      done(
        api.PUT('/api/incidents/{id}/review', {
          params: { path: { id: incident.id } },
          body: noActionsReason.trim() === '' ? values : { ...values, noActionsReason },
        }),
      ),
    done: 'Review kept',
    topics: ['incident'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <Drawer opened onClose={onClose} title="Review">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="sm">
          <TextInput type="date" label="Held on" required max={today()} {...form.getInputProps('heldOn')} />
          <TagsInput
            label="Participants"
            placeholder="Name, then Enter"
            data={(staff.data ?? []).map((person) => person.name)}
            {...form.getInputProps('participants')}
          />
          <Textarea label="What went well" minRows={3} {...form.getInputProps('wentWell')} />
          <Textarea label="What went badly" minRows={3} {...form.getInputProps('wentBadly')} />
          {incident.correctiveActions.length === 0 && (
            <Textarea
              label="No corrective actions, because"
              description="Only if there are none. Otherwise add them with owner, due date and tracker link."
              {...form.getInputProps('noActionsReason')}
            />
          )}
          <ProblemNote error={save.error} />
          <FormEnd submit="Keep" isPending={save.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Drawer>
  );
}
