import { CopyButton, Drawer, Stack, Text } from '@mantine/core';
import { IconFileSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../api/client';
import type { EvidenceEvent } from '../api/types';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { When } from '../ui/time';

/** JSON laid out for reading; anything else as it came. */
function layOut(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}

function EventView({ event }: { event: EvidenceEvent }) {
  return (
    <article className="sw-card" aria-label={`Event at offset ${event.offset}`}>
      <div className="sw-card-line">
        <b>
          <When at={new Date(event.timeMs).toISOString()} />
        </b>
        <span className="sw-mono sw-dim sw-grow">
          {event.topic}/{event.partition}@{event.offset}
        </span>
        <CopyButton value={event.raw}>
          {({ copied, copy }) => (
            <button type="button" className="sw-fold" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </button>
          )}
        </CopyButton>
      </div>
      <pre className="sw-code" tabIndex={0}>
        <Hostile text={layOut(event.raw)} fold={3000} />
      </pre>
      <span className="sw-mono sw-faint">SHA-256 {event.sha256}</span>
    </article>
  );
}

/** Asks for the raw events only once somebody wants to see them: each look is on the trail. */
function EvidenceDrawer({ alertId, onClose }: { alertId: string; onClose: () => void }) {
  const query = useQuery({
    queryKey: ['evidence', alertId],
    staleTime: Infinity,
    refetchInterval: false,
    gcTime: 0,
    queryFn: () => take(api.GET('/api/alerts/{id}/evidence', { params: { path: { id: alertId } } })),
  });
  return (
    <Drawer opened onClose={onClose} title="Raw events" size="xl">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          As they came from the silo: the first and the latest few. This look is on the audit trail under your name.
        </Text>
        <Loaded query={query} lines={8}>
          {({ events }) =>
            events.length === 0 ? (
              <Quiet title="No raw event is kept">
                An alert the platform raises by itself has none; others keep the first and the latest few.
              </Quiet>
            ) : (
              events.map((event) => (
                <EventView key={`${event.topic}-${event.partition}-${event.offset}`} event={event} />
              ))
            )
          }
        </Loaded>
      </Stack>
    </Drawer>
  );
}

export function EvidenceButton({ alertId }: { alertId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <GuardedButton
        permission="evidence.see"
        variant="default"
        size="compact-sm"
        leftSection={<IconFileSearch size={14} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Raw events
      </GuardedButton>
      {isOpen && <EvidenceDrawer alertId={alertId} onClose={() => setOpen(false)} />}
    </>
  );
}
