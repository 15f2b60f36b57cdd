import { Button } from '@mantine/core';
import { IconArrowRight, IconBook2 } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { api, done } from '../api/client';
import type { Incident } from '../api/types';
import { useMay, useMe } from '../app/session';
import { Hostile } from '../ui/hostile';
import { visible } from '../ui/visible';
import { useAct } from '../ui/use-act';

type Suggestion = Incident['suggestions'][number];

const CUT = 72;
const short = (text: string): string => (text.length > CUT ? `${text.slice(0, CUT)}…` : text);

/** What the service suggests to do next, the most urgent first; each is done, or reached, with one click. */
export function NextSteps({ incident }: { incident: Incident }) {
  const navigate = useNavigate();
  const me = useMe();
  const mayWork = useMay('incidents.work');
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
  const advice = incident.suggestions.filter((suggestion) => suggestion.action === 'respond');
  const steps = incident.suggestions.filter((suggestion) => suggestion.action !== 'respond');
  const go = ({ action, href }: Suggestion): void => {
    if (action === 'acknowledge' && mayWork) {
      acknowledge.mutate();
      return;
    }
    if (action === 'commander' && mayWork) {
      command.mutate();
      return;
    }
    const anchor = /#([a-z-]+)$/.exec(href)?.[1];
    if (anchor === undefined) void navigate({ to: href });
    else document.getElementById(anchor)?.focus();
  };
  if (incident.suggestions.length === 0) return null;
  return (
    <section className="sw-next" aria-labelledby="next-steps">
      <h2 id="next-steps">Next</h2>
      {steps.map((step, i) => (
        <Button
          key={`${step.action} ${step.href}`}
          size="compact-md"
          variant={i === 0 ? 'filled' : 'default'}
          loading={
            (step.action === 'acknowledge' && acknowledge.isPending) ||
            (step.action === 'commander' && command.isPending)
          }
          rightSection={<IconArrowRight size={14} aria-hidden />}
          onClick={() => go(step)}
        >
          {short(visible(step.action === 'commander' && mayWork ? 'Take command' : step.label).join(''))}
        </Button>
      ))}
      {advice.length > 0 && (
        <ul className="sw-advice" aria-label="What the rules advise">
          {advice.map((entry) => (
            <li key={entry.label}>
              <IconBook2 size={14} aria-hidden /> <Hostile text={entry.label} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
