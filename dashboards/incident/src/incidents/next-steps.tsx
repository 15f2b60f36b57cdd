import { Button } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { Incident } from '../api/types';
import { visible } from '../ui/hostile';

/** What the service suggests to do next, each one click away. */
export function NextSteps({ incident }: { incident: Incident }) {
  const navigate = useNavigate();
  if (incident.suggestions.length === 0) return null;
  return (
    <section className="sw-next" aria-labelledby="next-steps">
      <h2 id="next-steps">Next</h2>
      {incident.suggestions.map((suggestion) => (
        <Button
          key={`${suggestion.action} ${suggestion.href}`}
          size="compact-md"
          variant="default"
          rightSection={<IconArrowRight size={14} aria-hidden />}
          onClick={() => {
            if (suggestion.href.startsWith('#')) document.querySelector<HTMLElement>(suggestion.href)?.focus();
            else void navigate({ to: suggestion.href });
          }}
        >
          {visible(suggestion.label).join('')}
        </Button>
      ))}
    </section>
  );
}
