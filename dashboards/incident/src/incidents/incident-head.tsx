import { ActionIcon, Menu } from '@mantine/core';
import { IconCopy, IconDots, IconFlag, IconRotate, IconThumbDown, IconUserCog } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, done } from '../api/client';
import type { Clock, Incident } from '../api/types';
import { useMay, useMe } from '../app/session';
import { SeverityBadge, StatusBadge } from '../ui/badges';
import { ClockBar } from '../ui/clock-bar';
import { ReasonDialog } from '../ui/forms';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Elapsed, When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { CommanderDialog, DuplicateDialog, ReasonOnlyDialog, SeverityDialog } from './head-dialogs';

type Open = 'severity' | 'false-positive' | 'duplicate' | 'reopen' | 'commander' | null;

const isSettled = (incident: Incident): boolean => ['closed', 'false_positive', 'duplicate'].includes(incident.status);

function Facts({ incident }: { incident: Incident }) {
  const end = incident.closedAt ?? null;
  return (
    <div className="sw-inc-facts">
      <span>
        Commander <b>{incident.commander?.name ?? 'nobody'}</b>
      </span>
      <span>
        Opened{' '}
        <b>
          <When at={incident.openedAt} />
        </b>
      </span>
      <span>
        {end === null ? 'Running' : 'Took'}{' '}
        <b>
          <Elapsed since={incident.openedAt} until={end} />
        </b>
      </span>
      <span>
        {incident.acknowledgedAt === null ? (
          <b>Not acknowledged</b>
        ) : (
          <>
            Acknowledged after{' '}
            <b>
              <Elapsed since={incident.openedAt} until={incident.acknowledgedAt} />
            </b>
          </>
        )}
      </span>
      {incident.links.map((link) => (
        <span key={link.id}>
          {link.kind.replaceAll('_', ' ')}{' '}
          <Link to="/incidents/$id" params={{ id: link.id }}>
            {link.number}
          </Link>
        </span>
      ))}
    </div>
  );
}

function MoreMenu({ incident, onOpen }: { incident: Incident; onOpen: (what: Open) => void }) {
  const mayWork = useMay('incidents.work');
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label="More" disabled={!mayWork}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconUserCog size={15} />} onClick={() => onOpen('commander')}>
          Hand over command…
        </Menu.Item>
        <Menu.Item leftSection={<IconFlag size={15} />} onClick={() => onOpen('severity')}>
          Change the severity…
        </Menu.Item>
        {isSettled(incident) ? (
          <Menu.Item leftSection={<IconRotate size={15} />} onClick={() => onOpen('reopen')}>
            Reopen…
          </Menu.Item>
        ) : (
          <>
            <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => onOpen('duplicate')}>
              Duplicate of another…
            </Menu.Item>
            <Menu.Item leftSection={<IconThumbDown size={15} />} onClick={() => onOpen('false-positive')}>
              False positive…
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function MainActs({ incident }: { incident: Incident }) {
  const me = useMe();
  const path = { id: incident.id };
  const acknowledge = useAct({
    run: () => done(api.POST('/api/incidents/{id}/acknowledge', { params: { path } })),
    done: 'Acknowledged: the pages stop',
    topics: ['incident', 'page'],
  });
  const command = useAct({
    run: () => done(api.POST('/api/incidents/{id}/commander', { params: { path }, body: { staffId: me?.id ?? '' } })),
    done: 'You are in command',
    topics: ['incident'],
  });
  if (isSettled(incident)) return null;
  return (
    <>
      {incident.acknowledgedAt === null && (
        <GuardedButton permission="incidents.work" loading={acknowledge.isPending} onClick={() => acknowledge.mutate()}>
          Acknowledge
        </GuardedButton>
      )}
      {incident.commander === null && (
        <GuardedButton
          permission="incidents.work"
          variant="default"
          loading={command.isPending}
          onClick={() => command.mutate()}
        >
          Take command
        </GuardedButton>
      )}
    </>
  );
}

function WaiveClock({ incident, clock }: { incident: Incident; clock: Clock }) {
  const [isOpen, setOpen] = useState(false);
  const waive = useAct({
    run: (reason: string) =>
      done(
        api.POST('/api/incidents/{id}/clocks/{clockId}/waive', {
          params: { path: { id: incident.id, clockId: clock.id } },
          body: { reason },
        }),
      ),
    done: 'Deadline waived',
    topics: ['incident'],
    showsErrors: true,
    then: () => setOpen(false),
  });
  return (
    <>
      <GuardedButton permission="containment.approve" variant="subtle" size="compact-xs" onClick={() => setOpen(true)}>
        Waive…
      </GuardedButton>
      {isOpen && (
        <ReasonDialog
          title={`Waive: ${clock.name}`}
          about={clock.why}
          submit="Waive the deadline"
          isDangerous
          isPending={waive.isPending}
          error={waive.error}
          onSubmit={waive.mutate}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** What it is, how bad, since when, who is in command, and the deadlines. */
export function IncidentHead({ incident }: { incident: Incident }) {
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const order = { running: 0, missed: 1, met: 2, waived: 3 };
  const clocks = [...incident.clocks].sort((a, b) => order[a.state] - order[b.state] || a.dueAt.localeCompare(b.dueAt));
  return (
    <>
      <header className="sw-inc-head">
        <div>
          <div className="sw-inc-tags">
            <SeverityBadge severity={incident.severity} />
            <StatusBadge status={incident.status} />
            <span className="sw-mono sw-dim">{incident.number}</span>
            {incident.tenants.map((tenant) => (
              <Link key={tenant} to="/silos/$tenant" params={{ tenant }}>
                {tenant}
              </Link>
            ))}
          </div>
          <h1>
            <Hostile text={incident.title} fold={200} />
          </h1>
          <Facts incident={incident} />
        </div>
        <div className="sw-inc-acts">
          <MainActs incident={incident} />
          <MoreMenu incident={incident} onOpen={setOpen} />
        </div>
      </header>
      {clocks.length > 0 && (
        <section className="sw-panel sw-inc-clocks" aria-label="Deadlines">
          {clocks.map((clock) => (
            <ClockBar
              key={clock.id}
              clock={clock}
              end={
                clock.state === 'missed' || clock.state === 'running' ? (
                  <WaiveClock incident={incident} clock={clock} />
                ) : undefined
              }
            />
          ))}
        </section>
      )}
      {open === 'severity' && <SeverityDialog incident={incident} onClose={close} />}
      {open === 'commander' && <CommanderDialog incident={incident} onClose={close} />}
      {open === 'duplicate' && <DuplicateDialog incident={incident} onClose={close} />}
      {(open === 'false-positive' || open === 'reopen') && (
        <ReasonOnlyDialog incident={incident} what={open} onClose={close} />
      )}
    </>
  );
}
