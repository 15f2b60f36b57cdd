import { Chance } from '../../../src/demo/simulator/chance.js';
import { OfficeDay } from '../../../src/demo/simulator/office-day.js';
import { paceOf } from '../../../src/demo/simulator/pace.js';
import { AuditTrail } from '../../../src/demo/simulator/records.js';
import { populate } from '../../../src/demo/simulator/world.js';

const START = Date.UTC(2026, 2, 1, 9, 0, 0);

/** Records that one of these silos makes in a minute. */
function minuteOf(rate: number, silos: number): number {
  const { meanMs, people } = paceOf(rate, silos);
  let ids = 0;
  const trail = new AuditTrail('harbor', () => `id-${(ids += 1)}`);
  const silo = populate('harbor', 'Harbor', 0, people, new Chance(3));
  return new OfficeDay(silo, trail, new Chance(5), START, meanMs).until(START + 60_000).length;
}

describe('the pace of simulated silos', () => {
  it.each([
    [100, 1],
    [600, 3],
    [2_000, 2],
  ])('makes %i records a second in %i silos, give or take a twentieth', (rate, silos) => {
    const perSecond = (minuteOf(rate, silos) * silos) / 60;
    expect(perSecond).toBeGreaterThan(rate * 0.95);
    expect(perSecond).toBeLessThan(rate * 1.05);
  });

  it('takes more people and not hastier ones', () => {
    expect(paceOf(1, 3).people).toBe(8);
    expect(paceOf(1_000, 1).people).toBeGreaterThan(1_000);
  });
});

describe('the people of a large silo', () => {
  const people = populate('harbor', 'Harbor', 70, 1_000, new Chance(1)).people;

  it('have addresses of their own, mail and network', () => {
    expect(new Set(people.map(({ email }) => email)).size).toBe(people.length);
    expect(new Set(people.map(({ ip }) => ip)).size).toBe(people.length);
    const octets = people.flatMap(({ ip }) => ip.split('.').map(Number));
    expect(Math.max(...octets)).toBeLessThan(256);
  });
});
