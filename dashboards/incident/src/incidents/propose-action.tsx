import { Drawer, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api, take } from '../api/client';
import type { Incident } from '../api/types';
import { FormEnd } from '../ui/forms';
import { Loaded, ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { catalogueQuery } from './incident-queries';

/** Proposes one of the catalogue's actions on an entity of this incident. */
export function ProposeAction({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const catalogue = useQuery(catalogueQuery);
  const [kind, setKind] = useState<string | null>(null);
  const [tenant, setTenant] = useState<string | null>(incident.tenants[0] ?? null);
  const [targetKind, setTargetKind] = useState<string | null>(null);
  const [value, setValue] = useState('');
  const propose = useAct({
    run: () =>
      take(
        api.POST('/api/incidents/{id}/actions', {
          params: { path: { id: incident.id } },
          body: { kind: kind ?? '', tenant: tenant ?? '', target: { [targetKind ?? 'value']: value.trim() } },
        }),
      ),
    done: 'Proposed',
    topics: ['action', 'incident'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    propose.mutate();
  };
  return (
    <Drawer opened onClose={onClose} title="Propose a containment action">
      <Loaded query={catalogue}>
        {(items) => {
          const chosen = items.find((item) => item.kind === kind);
          const known = incident.entities.filter((entity) => chosen?.targetKinds.includes(entity.kind) ?? false);
          return (
            <form onSubmit={submit}>
              <Stack gap="sm">
                <Select
                  label="Action"
                  required
                  searchable
                  data={items.map((item) => ({ value: item.kind, label: item.title }))}
                  value={kind}
                  onChange={(next) => {
                    setKind(next);
                    setTargetKind(items.find((item) => item.kind === next)?.targetKinds[0] ?? null);
                  }}
                />
                {chosen !== undefined && (
                  <Text size="sm" c="dimmed">
                    Hits: {chosen.blastRadius}. {chosen.isUndoable ? 'It can be undone.' : 'It cannot be undone.'}
                  </Text>
                )}
                <Select label="Silo" required data={incident.tenants} value={tenant} onChange={setTenant} />
                {chosen !== undefined && chosen.targetKinds.length > 1 && (
                  <Select
                    label="Kind of target"
                    required
                    data={chosen.targetKinds}
                    value={targetKind}
                    onChange={setTargetKind}
                  />
                )}
                <TextInput
                  label="Target"
                  required
                  list="known-targets"
                  description={known.length > 0 ? 'Entities of this incident are offered as you type.' : undefined}
                  value={value}
                  onChange={(event) => setValue(event.currentTarget.value)}
                />
                <datalist id="known-targets">
                  {known.map((entity) => (
                    <option key={entity.value} value={entity.value} />
                  ))}
                </datalist>
                <ProblemNote error={propose.error} />
                <FormEnd submit="Propose" isPending={propose.isPending} onCancel={onClose} />
              </Stack>
            </form>
          );
        }}
      </Loaded>
    </Drawer>
  );
}
