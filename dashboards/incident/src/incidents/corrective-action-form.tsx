import { Drawer, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { Incident } from '../api/types';
import { FormEnd, today } from '../ui/forms';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { staffQuery } from './incident-queries';

interface Values {
  title: string;
  ownerId: string | null;
  dueOn: string;
  trackerUrl: string;
}

/** One thing that somebody changes by a date. */
export function CorrectiveActionForm({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const staff = useQuery(staffQuery);
  const form = useForm<Values>({ initialValues: { title: '', ownerId: null, dueOn: '', trackerUrl: '' } });
  const add = useAct({
    run: (values: Values) =>
      take(
        api.POST('/api/incidents/{id}/corrective-actions', {
          params: { path: { id: incident.id } },
          body: { ...values, ownerId: values.ownerId ?? '' },
        }),
      ),
    done: 'Corrective action added',
    topics: ['incident'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <Drawer opened onClose={onClose} title="Corrective action">
      <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
        <Stack gap="sm">
          <Textarea label="What will be different" required data-autofocus {...form.getInputProps('title')} />
          <Select
            label="Owner"
            required
            searchable
            placeholder={staff.isPending ? 'Loading…' : 'Choose'}
            data={(staff.data ?? []).map((person) => ({ value: person.id, label: person.name }))}
            {...form.getInputProps('ownerId')}
          />
          <TextInput type="date" label="Due" required min={today()} {...form.getInputProps('dueOn')} />
          <TextInput
            type="url"
            label="Link to the tracker"
            required
            placeholder="https://"
            {...form.getInputProps('trackerUrl')}
          />
          <ProblemNote error={add.error} />
          <FormEnd submit="Add" isPending={add.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Drawer>
  );
}
