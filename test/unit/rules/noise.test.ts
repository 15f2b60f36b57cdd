import { readRuleFiles, SHIPPED_RULES } from '../../../src/cli/rule-files.js';
import { measureNoise } from '../../../src/cli/rule-noise.js';
import { load } from '../../../src/sigma/index.js';

const { files } = await readRuleFiles([SHIPPED_RULES]);
const small = { silos: 3, people: 6, seed: 7, learningDays: 1 };

describe('a working day without an attack', () => {
  it('opens no incident and hardly an alert in three silos', () => {
    const noise = measureNoise(load(files), small);
    expect(noise.events).toBeGreaterThan(2_000);
    expect(noise).toMatchObject({ incidents: 0 });
    expect(noise.alerts).toBeLessThanOrEqual(1);
  });

  it('is the same for the same seed', () => {
    const day = { ...small, silos: 2, learningDays: 0 };
    expect(measureNoise(load(files), day)).toEqual(measureNoise(load(files), day));
  });
});
