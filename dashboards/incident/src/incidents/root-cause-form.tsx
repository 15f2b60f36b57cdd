import { ActionIcon, Button, Drawer, Group, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, done } from '../api/client';
import type { Incident } from '../api/types';
import { FormEnd, fromLocalInput, toLocalInput } from '../ui/forms';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { incidentAlertsQuery } from './incident-queries';

const categories = [
  'Stolen or guessed credentials',
  'Weakness in our code',
  'Weakness in a dependency',
  'Wrong configuration',
  'Missing control',
  'Human error',
  'Insider',
  'Supplier',
  'Malware',
  'Not determined',
];

interface Values {
  category: string;
  whatHappened: string;
  whys: { text: string; evidenceHref: string }[];
  introducedAt: string;
  firstExploitedAt: string;
  detectedAt: string;
}

function initial(incident: Incident): Values {
  const cause = incident.rootCause;
  return {
    category: cause?.category ?? '',
    whatHappened: cause?.whatHappened ?? '',
    whys: (cause?.whys ?? [{ text: '' }]).map((why) => ({ text: why.text, evidenceHref: why.evidenceHref ?? '' })),
    introducedAt: toLocalInput(cause?.introducedAt ?? null),
    firstExploitedAt: toLocalInput(cause?.firstExploitedAt ?? incident.firstEventAt),
    detectedAt: toLocalInput(cause?.detectedAt ?? incident.openedAt),
  };
}

/** Writes the root cause down; a half-finished one can be kept, the workstream says what it lacks. */
export function RootCauseForm({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const form = useForm<Values>({ initialValues: initial(incident) });
  const alerts = useQuery(incidentAlertsQuery(incident.id));
  const save = useAct({
    run: (values: Values) =>
      done(
        api.PUT('/api/incidents/{id}/root-cause', {
          params: { path: { id: incident.id } },
          body: {
            category: values.category,
            whatHappened: values.whatHappened,
            whys: values.whys
              .filter((why) => why.text.trim() !== '')
              .map(({ text, evidenceHref }) => (evidenceHref === '' ? { text } : { text, evidenceHref })),
            introducedAt: fromLocalInput(values.introducedAt),
            firstExploitedAt: fromLocalInput(values.firstExploitedAt),
            detectedAt: fromLocalInput(values.detectedAt),
            ...(incident.rootCause === null ? {} : { version: incident.rootCause.version }),
          },
        }),
      ),
    done: 'Root cause kept',
    topics: ['incident'],
    showsErrors: true,
    then: onClose,
  });
  return (
    <Drawer opened onClose={onClose} title="Root cause" size="xl">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="md">
          <Select label="Category" searchable data={categories} {...form.getInputProps('category')} />
          <Textarea label="What happened" minRows={4} data-autofocus {...form.getInputProps('whatHappened')} />
          <div>
            <Text fw={600} size="sm">
              The chain of whys
            </Text>
            <Text size="xs" c="dimmed" mb="xs">
              Each answers “why was that possible?” of the one before, and links to what shows it: an alert of this
              incident, a commit, a ticket.
            </Text>
            <Stack gap="xs">
              {form.values.whys.map((_, i) => (
                <Group key={i} align="flex-start" wrap="nowrap" gap="xs">
                  <div className="sw-grow">
                    <Textarea
                      aria-label={`Why ${i + 1}`}
                      placeholder={`Why ${i + 1}`}
                      minRows={1}
                      {...form.getInputProps(`whys.${i}.text`)}
                    />
                    <TextInput
                      mt={4}
                      aria-label={`Evidence for why ${i + 1}`}
                      placeholder="Link to the evidence: /alerts?open=… or https://…"
                      list="known-evidence"
                      {...form.getInputProps(`whys.${i}.evidenceHref`)}
                    />
                  </div>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    mt={4}
                    aria-label={`Remove why ${i + 1}`}
                    onClick={() => form.removeListItem('whys', i)}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                </Group>
              ))}
            </Stack>
            <datalist id="known-evidence">
              {(alerts.data ?? []).map((alert) => (
                <option key={alert.id} value={`/alerts?open=${alert.id}`}>
                  {alert.ruleTitle}
                </option>
              ))}
            </datalist>
            <Button
              mt="xs"
              variant="default"
              size="compact-sm"
              leftSection={<IconPlus size={14} />}
              onClick={() => form.insertListItem('whys', { text: '', evidenceHref: '' })}
            >
              Another why
            </Button>
          </div>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <TextInput type="datetime-local" label="Weakness introduced" {...form.getInputProps('introducedAt')} />
            <TextInput type="datetime-local" label="First exploited" {...form.getInputProps('firstExploitedAt')} />
            <TextInput type="datetime-local" label="Detected" {...form.getInputProps('detectedAt')} />
          </SimpleGrid>
          <ProblemNote error={save.error} />
          <FormEnd submit="Keep" isPending={save.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Drawer>
  );
}
