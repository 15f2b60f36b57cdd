import { Textarea } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBell,
  IconFileSearch,
  IconFlag,
  IconGavel,
  IconMail,
  IconNote,
  IconShieldBolt,
  type Icon,
} from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api, done } from '../api/client';
import type { TimelineEntry } from '../api/types';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Loaded, ProblemNote, Quiet } from '../ui/loaded';
import { Panel } from '../ui/panel';
import { SafeLink } from '../ui/safe-link';
import { When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { Older } from '../ui/older';
import { timelineQuery } from './incident-queries';

type Kind = TimelineEntry['kind'];
const kinds: Record<Kind, { word: string; icon: Icon }> = {
  alert: { word: 'Alerts', icon: IconAlertTriangle },
  action: { word: 'Actions', icon: IconShieldBolt },
  decision: { word: 'Decisions', icon: IconGavel },
  page: { word: 'Pages', icon: IconBell },
  mail: { word: 'Mails', icon: IconMail },
  note: { word: 'Notes', icon: IconNote },
  status: { word: 'Status', icon: IconFlag },
  evidence: { word: 'Evidence', icon: IconFileSearch },
};

function NoteForm({ incidentId }: { incidentId: string }) {
  const [text, setText] = useState('');
  const add = useAct({
    run: () => done(api.POST('/api/incidents/{id}/notes', { params: { path: { id: incidentId } }, body: { text } })),
    topics: ['incident'],
    showsErrors: true,
    then: () => setText(''),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <div className="sw-note">
        <Textarea
          className="sw-grow"
          aria-label="Note"
          placeholder="What did you see, do, or hear? It stays as written."
          minRows={1}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <GuardedButton permission="incidents.work" type="submit" variant="default" loading={add.isPending}>
          Add note
        </GuardedButton>
      </div>
      <ProblemNote error={add.error} />
    </form>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const Mark = kinds[entry.kind].icon;
  const isLate = Date.parse(entry.recordedAt) - Date.parse(entry.at) > 60_000;
  return (
    <li data-kind={entry.kind}>
      <span className="sw-tl-time">
        <When at={entry.at} />
      </span>
      <span className="sw-tl-mark">
        <Mark size={14} stroke={1.7} aria-label={entry.kind} />
      </span>
      <div>
        <Hostile text={entry.text} fold={400} />
        <div className="sw-tl-who">
          <Hostile text={entry.actor.name} fold={60} />
          {entry.tenant !== null && ` · ${entry.tenant}`}
          {isLate && (
            <>
              {' · recorded '}
              <When at={entry.recordedAt} />
            </>
          )}
          {entry.links.map((link) => (
            <span key={link.href}>
              {' · '}
              <SafeLink href={link.href}>{link.label}</SafeLink>
            </span>
          ))}
        </div>
      </div>
    </li>
  );
}

/** Everything that happened, newest first. */
export function Timeline({ incidentId }: { incidentId: string }) {
  const [kind, setKind] = useState<Kind | undefined>(undefined);
  const query = useInfiniteQuery(timelineQuery(incidentId, kind));
  return (
    <Panel title="Timeline" flush>
      <NoteForm incidentId={incidentId} />
      <div className="sw-chips" role="group" aria-label="Show">
        <button type="button" className="sw-chip" aria-pressed={kind === undefined} onClick={() => setKind(undefined)}>
          Everything
        </button>
        {(Object.keys(kinds) as Kind[]).map((name) => (
          <button
            key={name}
            type="button"
            className="sw-chip"
            aria-pressed={kind === name}
            onClick={() => setKind(kind === name ? undefined : name)}
          >
            {kinds[name].word}
          </button>
        ))}
      </div>
      <Loaded query={query} lines={8}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          if (entries.length === 0)
            return (
              <Quiet title="Nothing of this kind yet">
                Alerts, pages, actions, mails and notes arrive here by themselves.
              </Quiet>
            );
          return (
            <ol className="sw-tl">
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </ol>
          );
        }}
      </Loaded>
      <Older query={query} />
    </Panel>
  );
}
