import { Badge, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../api/client';
import type { Notice } from '../api/types';
import { useMay } from '../app/session';
import { words } from '../ui/badges';
import { ProblemNote } from '../ui/loaded';
import { Panel } from '../ui/panel';
import { useAct } from '../ui/use-act';

const KEEP_AFTER_MS = 700;

/** What a notice says, after GDPR art. 33(3); the order is that of the letter. */
const known: Record<string, { label: string; hint: string }> = {
  nature: { label: 'What happened', hint: 'In words their board understands. Only what concerns them.' },
  categories: { label: 'Whose and which data', hint: 'Categories of people and of records.' },
  numbers: { label: 'How many', hint: 'Approximate numbers of people and records; say if not yet known.' },
  consequences: { label: 'Likely consequences', hint: '' },
  measures: { label: 'What we have done and will do', hint: '' },
  advice: { label: 'What they should do', hint: '' },
  contact: { label: 'Contact', hint: 'Who answers their questions, and how.' },
};

const fieldsOf = (notice: Notice): string[] => {
  const asked = [
    ...Object.keys(known).filter((key) => key in notice.facts || notice.missingFacts.includes(key)),
    ...Object.keys(notice.facts),
    ...notice.missingFacts,
  ];
  return [...new Set(asked.length === 0 ? Object.keys(known) : asked)];
};

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
        {fieldsOf(notice).map((key) => (
          <Textarea
            key={key}
            label={
              <>
                {known[key]?.label ?? words(key)}{' '}
                {notice.missingFacts.includes(key) && (facts[key] ?? '') === '' && (
                  <Badge size="xs" color="yellow" variant="light">
                    needed
                  </Badge>
                )}
              </>
            }
            description={known[key]?.hint}
            readOnly={isLocked || !mayWrite}
            value={facts[key] ?? ''}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setFacts((before) => ({ ...before, [key]: value }));
              setDirty(true);
            }}
          />
        ))}
        <ProblemNote error={keep.error} />
      </Stack>
    </Panel>
  );
}
