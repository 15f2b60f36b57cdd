import { Modal, Select, Stack } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api, done } from '../api/client';
import type { Incident, Severity } from '../api/types';
import { FormEnd, ReasonDialog } from '../ui/forms';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { incidentsQuery, staffQuery } from './incident-queries';

interface DialogProps {
  incident: Incident;
  onClose: () => void;
}

const severities: { value: Severity; label: string }[] = [
  { value: 'SEV1', label: 'SEV1: customers’ data or money at risk now' },
  { value: 'SEV2', label: 'SEV2: serious, not yet spreading' },
  { value: 'SEV3', label: 'SEV3: limited' },
  { value: 'SEV4', label: 'SEV4: to be looked at' },
];

export function SeverityDialog({ incident, onClose }: DialogProps) {
  const [severity, setSeverity] = useState<Severity>(incident.severity);
  const change = useAct({
    run: (reason: string) =>
      done(
        api.POST('/api/incidents/{id}/severity', { params: { path: { id: incident.id } }, body: { severity, reason } }),
      ),
    done: `Severity is ${severity}`,
    topics: ['incident'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <ReasonDialog
      title="Change the severity"
      submit="Change"
      isPending={change.isPending}
      error={change.error}
      onSubmit={change.mutate}
      onClose={onClose}
    >
      <Select
        label="Severity"
        data={severities}
        allowDeselect={false}
        value={severity}
        onChange={(value) => setSeverity(severities.find((choice) => choice.value === value)?.value ?? severity)}
      />
    </ReasonDialog>
  );
}

export function CommanderDialog({ incident, onClose }: DialogProps) {
  const staff = useQuery(staffQuery);
  const [staffId, setStaffId] = useState<string | null>(incident.commander?.id ?? null);
  const change = useAct({
    run: () =>
      done(
        api.POST('/api/incidents/{id}/commander', {
          params: { path: { id: incident.id } },
          body: { staffId: staffId ?? '' },
        }),
      ),
    done: 'Command handed over',
    topics: ['incident'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Hand over command">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Select
            label="Commander"
            required
            searchable
            data={(staff.data ?? []).map((person) => ({ value: person.id, label: person.name }))}
            value={staffId}
            onChange={setStaffId}
          />
          <ProblemNote error={change.error ?? staff.error} />
          <FormEnd submit="Hand over" isPending={change.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

export function DuplicateDialog({ incident, onClose }: DialogProps) {
  const others = useInfiniteQuery(incidentsQuery(undefined));
  const [incidentId, setIncidentId] = useState<string | null>(null);
  const mark = useAct({
    run: (reason: string) =>
      done(
        api.POST('/api/incidents/{id}/duplicate-of', {
          params: { path: { id: incident.id } },
          body: { incidentId: incidentId ?? '', reason },
        }),
      ),
    done: 'Marked as a duplicate. Reopening undoes it.',
    topics: ['incident', 'alert'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <ReasonDialog
      title="Duplicate of another incident"
      about="Nothing of either timeline is lost. Reopening undoes it."
      submit="Mark as duplicate"
      isPending={mark.isPending}
      error={mark.error}
      onSubmit={mark.mutate}
      onClose={onClose}
    >
      <Select
        label="The other incident"
        required
        searchable
        data={(others.data?.pages ?? [])
          .flatMap((page) => page.items)
          .filter((other) => other.id !== incident.id)
          .map((other) => ({ value: other.id, label: `${other.number} · ${other.title}` }))}
        value={incidentId}
        onChange={setIncidentId}
      />
    </ReasonDialog>
  );
}

const onlyReasons = {
  'false-positive': {
    path: '/api/incidents/{id}/false-positive',
    title: 'False positive',
    about: 'The incident is put aside; its alerts count as false alarms in the rules’ figures. Reopening undoes it.',
    submit: 'It was no incident',
    said: 'Put aside as a false positive',
  },
  reopen: {
    path: '/api/incidents/{id}/reopen',
    title: 'Reopen',
    about: 'Workstreams that depend on what happens now are judged anew.',
    submit: 'Reopen',
    said: 'Reopened',
  },
} as const;

export function ReasonOnlyDialog({ incident, what, onClose }: DialogProps & { what: keyof typeof onlyReasons }) {
  const { path, title, about, submit, said } = onlyReasons[what];
  const send = useAct({
    run: (reason: string) => done(api.POST(path, { params: { path: { id: incident.id } }, body: { reason } })),
    done: said,
    topics: ['incident', 'alert'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <ReasonDialog
      title={title}
      about={about}
      submit={submit}
      isPending={send.isPending}
      error={send.error}
      onSubmit={send.mutate}
      onClose={onClose}
    />
  );
}
