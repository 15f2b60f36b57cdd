import { type Firing, NO_NUMBERS } from './state.js';

/**
 * Numbers of an episode: its sequence, the times of its earliest and latest firing, the time of its first match, and
 * how many matches it counts. An episode is a run of firings with less than the quiet time between neighbours.
 */
const EPISODE = 5;

export interface Recorded {
  readonly episodes: readonly number[];
  readonly firing: Firing;
}

/** Adds a firing to the episode it belongs to, or opens one with `matches` matches that began at `firstMs`. */
export function record(
  episodes: readonly number[],
  quietMs: number,
  timeMs: number,
  firstMs: number,
  matches: number,
): Recorded {
  const at = episodeNear(episodes, quietMs, timeMs);
  if (at === -1) {
    const firing = { timeMs, firstMs, count: matches, continues: false, sequence: timeMs };
    const opened = [timeMs, timeMs, timeMs, firstMs, matches];
    return { episodes: episodes.length === 0 ? opened : [...episodes, ...opened], firing };
  }
  const [sequence = 0, start = 0, last = 0, first = 0, count = 0] = episodes.slice(at, at + EPISODE);
  const grown = [sequence, Math.min(start, timeMs), Math.max(last, timeMs), Math.min(first, firstMs), count + 1];
  const firing = { timeMs, firstMs: Math.min(first, firstMs), count: count + 1, continues: true, sequence };
  // An array of numbers alone is half the size of one that was copied out of others.
  return { episodes: episodes.length === EPISODE ? grown : episodes.toSpliced(at, EPISODE, ...grown), firing };
}

function episodeNear(episodes: readonly number[], quietMs: number, timeMs: number): number {
  for (let at = 0; at < episodes.length; at += EPISODE) {
    if (timeMs > (episodes[at + 1] ?? 0) - quietMs && timeMs < (episodes[at + 2] ?? 0) + quietMs) return at;
  }
  return -1;
}

/** Whether the time lies between an episode's earliest and latest firing. */
export function isWithinEpisode(episodes: readonly number[], timeMs: number): boolean {
  for (let at = 0; at < episodes.length; at += EPISODE) {
    if (timeMs >= (episodes[at + 1] ?? 0) && timeMs <= (episodes[at + 2] ?? 0)) return true;
  }
  return false;
}

/** Without the episodes that no firing after the watermark can continue. */
export function forgetEpisodes(episodes: readonly number[], quietMs: number, watermarkMs: number): readonly number[] {
  const isOver = (at: number): boolean => (episodes[at + 2] ?? 0) + quietMs <= watermarkMs;
  if (episodes.length === 0 || (episodes.length === EPISODE && !isOver(0))) return episodes;
  const kept = episodes.filter((_, index) => !isOver(index - (index % EPISODE)));
  return kept.length === 0 ? NO_NUMBERS : kept;
}

/** When the last of the episodes can be forgotten. */
export function episodesEnd(episodes: readonly number[], quietMs: number): number | undefined {
  let end: number | undefined;
  for (let at = 0; at < episodes.length; at += EPISODE) end = Math.max(end ?? 0, (episodes[at + 2] ?? 0) + quietMs);
  return end;
}
