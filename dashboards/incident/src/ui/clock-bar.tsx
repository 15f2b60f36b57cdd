import { Tooltip } from '@mantine/core';
import type { Clock as IncidentClock } from '../api/types';
import type { ReactNode } from 'react';
import { duration, useNow, When } from './time';

/** Incidents and reports have them alike. */
type Clock = Omit<IncidentClock, 'isOurs' | 'tenant'> & { tenant?: string | null };

const toneOf = (clock: Clock, fraction: number): string => {
  if (clock.state === 'met') return 'good';
  if (clock.state === 'waived') return 'plain';
  if (clock.state === 'missed' || fraction >= 1) return 'bad';
  if (fraction >= 0.9) return 'bad';
  return fraction >= 0.5 ? 'warn' : 'accent';
};

/** What is left of a clock, or how it ended. */
export function ClockLeft({ clock }: { clock: Clock }) {
  const now = useNow();
  const left = Date.parse(clock.dueAt) - now;
  if (clock.state !== 'running') return <span>{clock.state}</span>;
  return (
    <span className="sw-num" role="timer" aria-live="off">
      {left >= 0 ? `${duration(left)} left` : `${duration(left)} over`}
    </span>
  );
}

/** One deadline: what, for whom, how much is left, and why it runs on hover. */
export function ClockBar({ clock, withTenant = true, end }: { clock: Clock; withTenant?: boolean; end?: ReactNode }) {
  const now = useNow();
  const start = Date.parse(clock.startedAt);
  const span = Date.parse(clock.dueAt) - start;
  const fraction =
    clock.state === 'running' ? (now - start) / Math.max(span, 1) : clock.state === 'met' ? 1 : clock.fractionElapsed;
  const tone = toneOf(clock, fraction);
  return (
    <div className="sw-clock" data-tone={tone}>
      <div className="sw-clock-line">
        <Tooltip label={clock.why}>
          <span className="sw-grow sw-cut" tabIndex={0}>
            {clock.name}
            {withTenant && clock.tenant !== null && clock.tenant !== undefined && (
              <span className="sw-dim"> · {clock.tenant}</span>
            )}
          </span>
        </Tooltip>
        <b>
          <ClockLeft clock={clock} />
        </b>
      </div>
      <div className="sw-clock-track">
        <progress
          className="sw-clock-fill"
          max={1}
          value={Math.min(1, Math.max(0.01, fraction))}
          aria-label={`${clock.name}: share of the time gone`}
        />
      </div>
      <div className="sw-clock-line">
        <span className="sw-dim sw-grow">
          due <When at={clock.dueAt} />
        </span>
        {end}
      </div>
    </div>
  );
}
