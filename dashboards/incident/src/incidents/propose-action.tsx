import { Button, Drawer, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api, take } from '../api/client';
import type { CatalogueItem, Incident } from '../api/types';
import { words } from '../ui/badges';
import { FormEnd } from '../ui/forms';
import { Hostile } from '../ui/hostile';
import { Loaded, ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { catalogueQuery } from './incident-queries';

interface FormProps {
  incident: Incident;
  items: readonly CatalogueItem[];
  onClose: () => void;
}

function ProposeForm({ incident, items, onClose }: FormProps) {
  const [kind, setKind] = useState<string | null>(null);
  const [tenant, setTenant] = useState<string | null>(incident.tenants[0] ?? null);
  const [target, setTarget] = useState<Record<string, string>>({});
  const chosen = items.find((item) => item.kind === kind);
  const filled = Object.fromEntries(
    (chosen?.target ?? []).map((field) => [field, field === 'silo' ? (tenant ?? '') : (target[field] ?? '').trim()]),
  );
  const send = (dryRun: boolean) =>
    take(
      api.POST('/api/incidents/{id}/actions', {
        params: { path: { id: incident.id } },
        body: { kind: kind ?? '', tenant: tenant ?? '', target: filled, dryRun },
      }),
    );
  const preview = useAct({ run: () => send(true), topics: [], showsErrors: true });
  const propose = useAct({
    run: () => send(false),
    done: (action) => (action.state === 'proposed' ? 'Proposed' : 'On its way'),
    topics: ['action', 'incident'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    propose.mutate();
  };
  const known = incident.entities.filter((entity) => entity.kind === chosen?.entity && entity.tenant === tenant);
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label="Action"
          required
          searchable
          data={items.map((item) => ({ value: item.kind, label: item.label }))}
          value={kind}
          onChange={(next) => {
            setKind(next);
            setTarget({});
          }}
        />
        {chosen !== undefined && (
          <Text size="sm" c="dimmed">
            Hits {chosen.blastRadius}. {chosen.undo === null ? 'There is nothing to take back.' : 'It can be undone.'}
          </Text>
        )}
        <Select label="Silo" required data={incident.tenants} value={tenant} onChange={setTenant} />
        {(chosen?.target ?? [])
          .filter((field) => field !== 'silo')
          .map((field) => (
            <TextInput
              key={field}
              label={words(field)}
              required
              list="known-targets"
              description={known.length > 0 ? 'What this incident knows is offered as you type.' : undefined}
              value={target[field] ?? ''}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setTarget((before) => ({ ...before, [field]: value }));
              }}
            />
          ))}
        <datalist id="known-targets">
          {known.map((entity) => (
            <option key={entity.value} value={entity.value} />
          ))}
        </datalist>
        <Group>
          <Button
            variant="default"
            size="compact-sm"
            disabled={chosen === undefined}
            loading={preview.isPending}
            onClick={() => preview.mutate()}
          >
            Show what would be sent
          </Button>
        </Group>
        {preview.data !== undefined && (
          <pre className="sw-code" tabIndex={0}>
            <Hostile text={JSON.stringify(preview.data.command, null, 2)} fold={4000} />
          </pre>
        )}
        <ProblemNote error={propose.error ?? preview.error} />
        <FormEnd submit="Propose" isPending={propose.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

/** Proposes one of the catalogue's actions on an entity of this incident. */
export function ProposeAction({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const catalogue = useQuery(catalogueQuery);
  return (
    <Drawer opened onClose={onClose} title="Propose a containment action">
      <Loaded query={catalogue}>
        {(items) => <ProposeForm incident={incident} items={items} onClose={onClose} />}
      </Loaded>
    </Drawer>
  );
}
