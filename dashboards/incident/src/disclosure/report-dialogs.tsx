import { Modal, MultiSelect, Select, Stack, Textarea, TextInput } from '@mantine/core';
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

interface DialogProps {
  report: Report;
  onClose: () => void;
}

type State = Report['state'];

export function ReportStateDialog({ report, onClose }: DialogProps) {
  const [state, setState] = useState<State>(report.nextStates[0] ?? report.state);
  const [message, setMessage] = useState('');
  const change = useAct({
    run: (reason: string) =>
      take(
        api.POST('/api/reports/{id}/state', {
          params: { path: { id: report.id } },
          body: message.trim() === '' ? { state, reason } : { state, reason, message },
        }),
      ),
    done: `${report.number}: ${words(state).toLowerCase()}`,
    topics: ['report'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <ReasonDialog
      title="Change the state"
      about={
        state === 'spam'
          ? 'Spam gets no answer.'
          : state === 'needs_information'
            ? 'The reporter is asked your reason by mail, in the thread; the deadlines pause until they answer.'
            : 'The reporter is told by mail, in the thread.'
      }
      submit="Change"
      isPending={change.isPending}
      error={change.error}
      onSubmit={change.mutate}
      onClose={onClose}
    >
      <Select
        label="State"
        allowDeselect={false}
        data={report.nextStates.map((value) => ({ value, label: words(value) }))}
        value={state}
        onChange={(value) => setState(report.nextStates.find((name) => name === value) ?? state)}
      />
      {state !== 'spam' && (
        <Textarea
          label="Words for the reporter, besides the template’s"
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
      )}
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

const grades = ['critical', 'high', 'medium', 'low', 'none'] as const;

/** How bad, and which kind of weakness. */
export function ClassifyDialog({ report, onClose }: DialogProps) {
  const [severity, setSeverity] = useState<string | null>(report.severity);
  const [cwe, setCwe] = useState(report.cwe ?? '');
  const classify = useAct({
    run: () =>
      take(
        api.PATCH('/api/reports/{id}', {
          params: { path: { id: report.id } },
          body: {
            severity: grades.find((grade) => grade === severity) ?? null,
            cwe: cwe.trim() === '' ? null : cwe.trim().toUpperCase(),
          },
        }),
      ),
    done: 'Classified',
    topics: ['report'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    classify.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Classify the report">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Select label="Severity" clearable data={[...grades]} value={severity} onChange={setSeverity} />
          <TextInput
            label="Weakness"
            placeholder="CWE-639"
            value={cwe}
            onChange={(event) => setCwe(event.currentTarget.value)}
          />
          <ProblemNote error={classify.error} />
          <FormEnd submit="Classify" isPending={classify.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
