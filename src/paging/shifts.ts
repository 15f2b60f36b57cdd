import { DateTime } from 'luxon';
import type { Layer, Restriction, Schedule, Shift } from './schedule.js';

interface Span {
  readonly staffId: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Who is on call when, between two instants: in order, without overlap, each as long as it lasts; a time without a shift is a gap.
 * Turns are counted in calendar days of the schedule's zone, so a handover stays at its local hour when clocks change.
 */
export function shifts(schedule: Schedule, from: Date, to: Date): readonly Shift[] {
  const window = { from: from.getTime(), to: to.getTime() };
  if (window.from >= window.to) return [];
  const layers = schedule.layers.map((layer) => layerSpans(layer, schedule.timeZone, window));
  const overrides = schedule.overrides.map((override) =>
    clip([{ staffId: override.staffId, from: override.from.getTime(), to: override.to.getTime() }], window),
  );
  const final = [...layers, ...overrides].reduce(cover, []);
  return joined(final).map((span) => ({ staffId: span.staffId, from: new Date(span.from), to: new Date(span.to) }));
}

/** Who is on call at `at`, until when, and who follows without a gap. */
export function onCallAt(
  schedule: Schedule,
  at: Date,
  lookAheadDays = 28,
): { readonly staffId: string; readonly until: Date; readonly nextStaffId: string | null } | undefined {
  const ahead = shifts(schedule, at, new Date(at.getTime() + lookAheadDays * 86_400_000));
  const [now, next] = ahead;
  if (now === undefined || now.from.getTime() !== at.getTime()) return undefined;
  const follows = next !== undefined && next.from.getTime() === now.to.getTime();
  return { staffId: now.staffId, until: now.to, nextStaffId: follows ? next.staffId : null };
}

/** Times within the window in which nobody is on call. */
export function gaps(schedule: Schedule, from: Date, to: Date): readonly { readonly from: Date; readonly to: Date }[] {
  const found: { from: Date; to: Date }[] = [];
  let at = from;
  for (const shift of shifts(schedule, from, to)) {
    if (shift.from > at) found.push({ from: at, to: shift.from });
    at = shift.to;
  }
  if (at < to) found.push({ from: at, to });
  return found;
}

type Window = Pick<Span, 'from' | 'to'>;

function layerSpans(layer: Layer, timeZone: string, window: Window): readonly Span[] {
  const first = DateTime.fromISO(`${layer.startsOn}T${layer.handoverAt}`, { zone: timeZone });
  if (!first.isValid || layer.staffIds.length === 0 || layer.turnDays < 1) return [];
  const spans: Span[] = [];
  const elapsedDays = (window.from - first.toMillis()) / 86_400_000;
  // One turn early, since days with a change of clocks are not 24 hours long.
  for (let turn = Math.max(0, Math.floor(elapsedDays / layer.turnDays) - 1); ; turn += 1) {
    const from = first.plus({ days: turn * layer.turnDays });
    if (from.toMillis() >= window.to) break;
    const to = first.plus({ days: (turn + 1) * layer.turnDays });
    const staffId = layer.staffIds[turn % layer.staffIds.length];
    if (staffId === undefined) break;
    spans.push(...restricted({ staffId, from: from.toMillis(), to: to.toMillis() }, layer.restrictions, timeZone));
  }
  return clip(spans, window);
}

function restricted(turn: Span, restrictions: readonly Restriction[], timeZone: string): readonly Span[] {
  if (restrictions.length === 0) return [turn];
  const spans: Span[] = [];
  // A window that began the day before may reach into the turn.
  let day = DateTime.fromMillis(turn.from, { zone: timeZone }).startOf('day').minus({ days: 1 });
  for (; day.toMillis() < turn.to; day = day.plus({ days: 1 })) {
    for (const restriction of restrictions) {
      if (!restriction.weekdays.includes(day.weekday)) continue;
      const isOverMidnight = restriction.to <= restriction.from;
      const from = localTime(day, restriction.from);
      const to = localTime(isOverMidnight ? day.plus({ days: 1 }) : day, restriction.to);
      spans.push({ staffId: turn.staffId, from, to });
    }
  }
  return joined(clip(spans, turn).toSorted((a, b) => a.from - b.from));
}

function localTime(day: DateTime, time: string): number {
  const [hour, minute] = time.split(':').map(Number);
  return day.set({ hour: hour ?? 0, minute: minute ?? 0 }).toMillis();
}

const clip = (spans: readonly Span[], window: Window): Span[] =>
  spans
    .map((span) => ({ ...span, from: Math.max(span.from, window.from), to: Math.min(span.to, window.to) }))
    .filter((span) => span.from < span.to);

/** `upper` laid over `lower`, in order of time. */
function cover(lower: readonly Span[], upper: readonly Span[]): Span[] {
  let left = [...lower];
  for (const over of upper) {
    left = left.flatMap((span) =>
      [
        { ...span, to: Math.min(span.to, over.from) },
        { ...span, from: Math.max(span.from, over.to) },
      ].filter((part) => part.from < part.to),
    );
  }
  return [...left, ...upper].toSorted((a, b) => a.from - b.from);
}

/** Spans of one person that touch or overlap become one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.staffId === span.staffId && span.from <= last.to) {
      result[result.length - 1] = { ...last, to: Math.max(last.to, span.to) };
    } else {
      result.push(span);
    }
  }
  return result;
}
