import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';

/** One ticker for the page, so that all clocks turn together. */
let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    listeners.forEach((tell) => tell());
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds since the epoch, turning each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => nowMs);

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** `1 d 04:12`, `04:12:09`, `12:09`: what is left or over, without a sign. */
export function duration(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}`;
  if (hours > 0) return `${two(hours)}:${two(minutes)}:${two(seconds % 60)}`;
  return `${two(minutes)}:${two(seconds % 60)}`;
}

/** `8 s`, `12 min`, `3 h`, `4 d`: roughly how long. */
export function roughly(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

const sameDay = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const otherDay = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});
const utc = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** The viewer's own time, short. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  return date.toDateString() === new Date().toDateString() ? sameDay.format(date) : otherDay.format(date);
}

/** A moment in the viewer's zone; UTC on hover or focus. */
export function When({ at, label }: { at: string; label?: string }) {
  return (
    <Tooltip label={utc(new Date(at))}>
      <time dateTime={at}>
        {label === undefined ? '' : `${label} `}
        {localTime(at)}
      </time>
    </Tooltip>
  );
}

/** How long ago, turning; the moment on hover. */
export function Ago({ at, suffix = ' ago' }: { at: string; suffix?: string }) {
  const now = useNow();
  return (
    <Tooltip label={`${localTime(at)} · ${utc(new Date(at))}`}>
      <time dateTime={at}>
        {roughly(now - Date.parse(at))}
        {suffix}
      </time>
    </Tooltip>
  );
}

/** How long something has been going on, to the second. */
export function Elapsed({ since, until = null }: { since: string; until?: string | null }) {
  const now = useNow();
  return (
    <span className="sw-num" role="timer" aria-live="off">
      {duration((until === null ? now : Date.parse(until)) - Date.parse(since))}
    </span>
  );
}
