/** What a silo has of something that was done for many. */
export interface SiloShare {
  readonly signals: number;
  readonly seconds: number;
}

/** Shares the time of a transaction among the silos whose signals it counted, by their number; `tenants` has one entry a signal. */
export function sharesOf(tenants: readonly string[], seconds: number): ReadonlyMap<string, SiloShare> {
  const signals = new Map<string, number>();
  for (const tenant of tenants) signals.set(tenant, (signals.get(tenant) ?? 0) + 1);
  return new Map(
    [...signals].map(([tenant, count]) => [tenant, { signals: count, seconds: (seconds * count) / tenants.length }]),
  );
}
