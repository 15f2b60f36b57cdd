import { type Place } from '../model.js';
import { forgetEpisodes, record } from './episodes.js';
import { type TravelPlan } from './plan.js';
import { type GroupState, NO_FIRINGS, type Stepped } from './state.js';

const EARTH_KM = 6_371;
const HOUR_MS = 3_600_000;

/** Fires when the way between the places of two signals asks for more than the speed; `numbers` are the last place. */
export function stepTravel(
  plan: TravelPlan,
  state: GroupState,
  place: Place,
  timeMs: number,
  watermarkMs: number,
): Stepped {
  const [lastMs] = state.times;
  const [latitude, longitude] = state.numbers ?? [];
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const isNewer = lastMs === undefined || timeMs >= lastMs;
  const next = {
    times: [isNewer ? timeMs : lastMs],
    numbers: isNewer ? [place.latitude, place.longitude] : (state.numbers ?? []),
  } as const;
  if (lastMs === undefined || latitude === undefined || longitude === undefined) {
    return { state: { ...next, episodes }, firings: NO_FIRINGS };
  }
  const distanceKm = distanceBetween({ latitude, longitude }, place);
  const hours = Math.abs(timeMs - lastMs) / HOUR_MS;
  const isRecent = Math.abs(timeMs - lastMs) < plan.spanMs;
  if (!isRecent || distanceKm < plan.distanceKm || distanceKm <= plan.speedKmh * hours) {
    return { state: { ...next, episodes }, firings: NO_FIRINGS };
  }
  const recorded = record(episodes, plan.quietMs, Math.max(timeMs, lastMs), Math.min(timeMs, lastMs), 2);
  return { state: { ...next, episodes: recorded.episodes }, firings: [recorded.firing] };
}

/** Kilometres along the surface (haversine). */
export function distanceBetween(from: Place, to: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const height = Math.sin(radians(to.latitude - from.latitude) / 2) ** 2;
  const width = Math.sin(radians(to.longitude - from.longitude) / 2) ** 2;
  const share = height + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * width;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(share)));
}
