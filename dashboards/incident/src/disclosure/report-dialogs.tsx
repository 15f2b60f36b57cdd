import { Modal, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type SubmitEvent, useState } from 'react';
import { api, take } from '../api/client';
import type { Report, Severity } from '../api/types';
import { silosQuery } from '../silos/silo-queries';
import { words } from '../ui/badges';
import { FormEnd, ReasonDialog } from '../ui/forms';
import { visible } from '../ui/visible';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { reportStates } from './report-words';

interface DialogProps {
  report: Report;
  onClose: () => void;
}

type State = (typeof reportStates)[number];
const stateOf = (name: string | null): State => reportStates.find((state) => state === name) ?? 'triaged';

export function ReportStateDialog({ report, onClose }: DialogProps) {
  const [state, setState] = useState<State>(stateOf(report.state));
  const change = useAct({
    run: (reason: string) =>
      take(api.POST('/api/reports/{id}/state', { params: { path: { id: report.id } }, body: { state, reason } })),
    done: `${report.number}: ${words(state).toLowerCase()}`,
    topics: ['report'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <ReasonDialog
      title="Change the state"
      about="The reporter is told by mail, in the thread."
      submit="Change"
      isPending={change.isPending}
      error={change.error}
      onSubmit={change.mutate}
      onClose={onClose}
    >
      <Select
        label="State"
        allowDeselect={false}
        data={reportStates.map((value) => ({ value, label: words(value) }))}
        value={state}
        onChange={(value) => setState(stateOf(value))}
      />
    </ReasonDialog>
  );
}

const severities: Severity[] = ['SEV1', 'SEV2', 'SEV3', 'SEV4'];

export function ReportIncidentDialog({ report, onClose }: DialogProps) {
  const silos = useQuery(silosQuery);
  const navigate = useNavigate();
  const [title, setTitle] = useState(visible(report.subject).join('').slice(0, 200));
  const [severity, setSeverity] = useState<Severity>('SEV2');
  const [tenants, setTenants] = useState<string[]>([]);
  const open = useAct({
    run: () =>
      take(
        api.POST('/api/reports/{id}/incident', {
          params: { path: { id: report.id } },
          body: { title, severity, tenants },
        }),
      ),
    done: 'Incident opened',
    topics: ['report', 'incident'],
    showsErrors: true,
    then: (answer) => void navigate({ to: '/incidents/$id', params: { id: answer.incidentId } }),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    open.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Open an incident from this report">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label="Title"
            description="Staff of every affected silo read it: name no customer and no person."
            required
            maxLength={200}
            data-autofocus
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Select
            label="Severity"
            allowDeselect={false}
            data={severities}
            value={severity}
            onChange={(value) => setSeverity(severities.find((name) => name === value) ?? severity)}
          />
          <MultiSelect
            label="Affected silos"
            required
            searchable
            data={(silos.data ?? []).map((silo) => ({ value: silo.tenant, label: silo.name }))}
            value={tenants}
            onChange={setTenants}
          />
          <ProblemNote error={open.error} />
          <FormEnd submit="Open the incident" isPending={open.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
