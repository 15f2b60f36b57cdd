import { CompanyDay, type TimedRecord } from '../demo/simulator/company-day.js';
import { Chance } from '../demo/simulator/chance.js';
import { AuditTrail } from '../demo/simulator/records.js';
import { populate, type SampleSilo } from '../demo/simulator/world.js';
import { TENANT_FIELD } from '../event/event.js';
import { parseRecord } from '../ingest/formats/parse-record.js';
import { type Consumer, type Loaded } from '../sigma/index.js';
import { EventTimeCorrelator } from './event-time-correlator.js';

export interface NoiseOptions {
  readonly silos: number;
  /** Days before the one that is counted; rules that learn need eight. */
  readonly learningDays: number;
  readonly people: number;
  readonly seed: number;
}

/** What harmless traffic makes of the rules in one day. */
export interface Noise extends NoiseOptions {
  readonly events: number;
  readonly alerts: number;
  /** Alerts that would open an incident. */
  readonly incidents: number;
  /** Alerts by rule id; a rule that is not named had none. */
  readonly byRule: Readonly<Record<string, number>>;
}

/** A Monday, so that the counted day of a run with eight days before it is a working day. */
const START_MS = Date.parse('2026-03-02T00:00:00Z');
const DAY_MS = 86_400_000;
const GRAVE: readonly string[] = ['high', 'critical'];

/** Runs days of believable traffic of many silos through matching and correlation, in event time, and counts the alerts of the last. */
export function measureNoise(loaded: Loaded, options: NoiseOptions, onDay?: (day: number) => void): Noise {
  const world = Array.from({ length: options.silos }, (_, index) => livingSilo(index, options));
  const lastMs = START_MS + options.learningDays * DAY_MS;
  const byRule: Record<string, number> = {};
  let [events, alerts, incidents] = [0, 0, 0];
  const watch = new Watch(loaded, (correlation, atMs) => {
    if (atMs < lastMs || correlation.status === 'experimental' || correlation.level === 'informational') return;
    byRule[correlation.id] = (byRule[correlation.id] ?? 0) + 1;
    alerts += 1;
    if (correlation.status === 'stable' && GRAVE.includes(correlation.level)) incidents += 1;
  });
  for (let day = 0; day <= options.learningDays; day += 1) {
    const startMs = START_MS + day * DAY_MS;
    const records = world.flatMap(({ silo, trail, chance, office }) =>
      new CompanyDay(silo, chance, startMs, office).records(trail),
    );
    records.sort((a, b) => a.atMs - b.atMs);
    for (const record of records) watch.take(record);
    events = records.length;
    onDay?.(day);
  }
  watch.finish();
  return { ...options, events, alerts, incidents, byRule };
}

interface LivingSilo {
  readonly silo: SampleSilo;
  readonly trail: AuditTrail;
  readonly chance: Chance;
  readonly office: string;
}

function livingSilo(index: number, { seed, people }: NoiseOptions): LivingSilo {
  const chance = new Chance(seed + index * 7_919);
  const tenant = `silo-${index + 1}`;
  let count = 0;
  const trail = new AuditTrail(tenant, () => `${tenant}-${(count += 1)}`);
  // Companies differ: half of them have a third of the people, some have three times as many.
  const size = Math.max(3, Math.round(people * chance.pick([0.3, 0.3, 0.6, 1, 1, 3])));
  return {
    silo: populate(tenant, tenant, index, size, chance),
    trail,
    chance,
    office: `198.51.100.${1 + (index % 190)}`,
  };
}

type OnAlert = (correlation: Consumer['correlation'], atMs: number) => void;

/** Correlation as in the service: groups stay within a silo, those of the fleet reach across. */
class Watch {
  readonly #loaded: Loaded;
  readonly #fleet: EventTimeCorrelator<undefined>;
  readonly #silos = new Map<string, EventTimeCorrelator<undefined>>();
  readonly #own: Loaded['consumers'];
  readonly #onFiring: ConstructorParameters<typeof EventTimeCorrelator<undefined>>[1];

  constructor(loaded: Loaded, onAlert: OnAlert) {
    this.#loaded = loaded;
    this.#onFiring = ({ correlation }, _group, firing) => {
      if (!firing.continues) onAlert(correlation, firing.timeMs);
    };
    this.#own = scoped(loaded, false);
    this.#fleet = new EventTimeCorrelator(scoped(loaded, true), this.#onFiring);
  }

  take({ tenant, raw, stream, atMs }: TimedRecord): void {
    const format = stream === 'access' ? 'combined' : 'silowatch-audit';
    const parsed = parseRecord(Buffer.from(raw), { arrivalMs: atMs, format });
    if (!parsed.ok) throw new Error(`the simulator wrote a record that cannot be read: ${raw}`);
    const { event } = parsed;
    const silo = this.#silos.get(tenant) ?? new EventTimeCorrelator<undefined>(this.#own, this.#onFiring);
    this.#silos.set(tenant, silo);
    for (const correlator of [silo, this.#fleet]) correlator.advance(event.timeMs, undefined);
    for (const feeder of this.#loaded.feeders(this.#loaded.matcher.match(event))) {
      silo.match(feeder, event.timeMs, event.fields, undefined);
      this.#fleet.match(feeder, event.timeMs, { ...event.fields, [TENANT_FIELD]: tenant }, undefined);
    }
  }

  finish(): void {
    for (const correlator of [this.#fleet, ...this.#silos.values()]) correlator.finish(undefined);
  }
}

function scoped({ consumers }: Loaded, isFleet: boolean): Loaded['consumers'] {
  return new Map(
    [...consumers].map(([id, list]) => [
      id,
      list.filter(({ correlation }) => (correlation.silowatch.scope === 'fleet') === isFleet),
    ]),
  );
}
