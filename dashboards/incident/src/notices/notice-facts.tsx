import { Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../api/client';
import type { Notice } from '../api/types';
import { useMay } from '../app/session';
import { ProblemNote } from '../ui/loaded';
import { Panel } from '../ui/panel';
import { useAct } from '../ui/use-act';

const KEEP_AFTER_MS = 700;

/** The facts of a draft. They are kept as one types, and the preview follows. */
export function NoticeFacts({ notice, isLocked }: { notice: Notice; isLocked: boolean }) {
  const [facts, setFacts] = useState<Record<string, string>>(notice.facts);
  const [isDirty, setDirty] = useState(false);
  const mayWrite = useMay('notices.write');
  const version = useRef(notice.version);
  const keep = useAct({
    run: (next: Record<string, string>) =>
      take(
        api.PUT('/api/notices/{id}', {
          params: { path: { id: notice.id } },
          body: { facts: next, version: version.current },
        }),
      ),
    topics: ['notice'],
    showsErrors: true,
    then: (answer) => {
      version.current = answer.version;
    },
  });
  const { mutate, isPending } = keep;
  useEffect(() => {
    version.current = Math.max(version.current, notice.version);
  }, [notice.version]);
  useEffect(() => {
    if (!isDirty || isPending) return undefined;
    const timer = setTimeout(() => {
      setDirty(false);
      mutate(facts);
    }, KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [facts, isDirty, isPending, mutate]);
  return (
    <Panel
      title="Facts"
      more={
        <Text size="xs" c="dimmed" role="status">
          {isLocked ? 'Approved: no longer changed' : isPending || isDirty ? 'Keeping…' : 'Kept'}
        </Text>
      }
    >
      <Stack gap="md">
        {notice.fields.map((field) => (
          <Textarea
            key={field.key}
            label={field.label}
            withAsterisk={field.isRequired}
            description={field.help}
            readOnly={isLocked || !mayWrite}
            value={facts[field.key] ?? ''}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setFacts((before) => ({ ...before, [field.key]: value }));
              setDirty(true);
            }}
          />
        ))}
        <ProblemNote error={keep.error} />
      </Stack>
    </Panel>
  );
}
