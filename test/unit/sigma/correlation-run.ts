import {
  close,
  type Consumer,
  deadlineOf,
  type Firing,
  type GroupState,
  type Signal,
  step,
} from '../../../src/sigma/index.js';

export interface Fired extends Firing {
  readonly group: string;
}

/**
 * Feeds signals through one consumer as the correlator does: groups apart, the watermark `lagMs` behind the latest
 * signal, windows closed as it passes them. `restore` puts every state through JSON between two steps.
 */
export function runSignals(
  consumer: Consumer,
  signals: readonly Signal[],
  lagMs = 0,
  restore = true,
): readonly Fired[] {
  const groups = new Map<string, GroupState>();
  const fired: Fired[] = [];
  let watermark = -Infinity;
  const keep = (group: string, state: GroupState | undefined, firings: readonly Firing[]): void => {
    if (state === undefined) groups.delete(group);
    else groups.set(group, restore ? (JSON.parse(JSON.stringify(state)) as GroupState) : state);
    fired.push(...firings.map((firing) => ({ ...firing, group })));
  };
  const advance = (to: number): void => {
    watermark = Math.max(watermark, to);
    for (const [group, state] of groups) {
      const deadline = deadlineOf(consumer, state);
      if (deadline === undefined || deadline > watermark) continue;
      const closed = close(consumer, state, watermark);
      keep(group, closed.state, closed.firings);
    }
  };
  for (const signal of signals) {
    advance(signal.timeMs - lagMs);
    const group = signal.group.join('|');
    const stepped = step(consumer, groups.get(group), signal, watermark);
    keep(group, stepped.state, stepped.firings);
  }
  advance(Number.MAX_SAFE_INTEGER);
  expect(groups.size).toBe(0);
  return fired;
}
