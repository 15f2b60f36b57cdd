import { isWorse, proposeSeverity } from '../../../src/incidents/severity.js';

const grounds = { level: 'high', silos: 1, tags: [], promises: [] };

describe('the proposed severity', () => {
  it.each([
    [{ ...grounds, level: 'critical', tags: ['attack.exfiltration'] }, 'SEV1'],
    [{ ...grounds, level: 'critical', silos: 2 }, 'SEV1'],
    [{ ...grounds, level: 'critical', silos: 9, tags: ['attack.impact'], promises: ['ISO-1'] }, 'SEV1'],
    [{ ...grounds, level: 'critical' }, 'SEV2'],
    [{ ...grounds, promises: ['DATA-1'] }, 'SEV2'],
    [grounds, 'SEV3'],
    [{ ...grounds, promises: ['AUTH-2'] }, 'SEV3'],
    [{ ...grounds, level: 'medium' }, 'SEV4'],
    [{ ...grounds, level: 'informational' }, 'SEV4'],
  ])('of %j is %s', (given, expected) => {
    expect(proposeSeverity(given)).toBe(expected);
  });

  it('counts SEV1 as the worst', () => {
    expect(isWorse('SEV1', 'SEV2')).toBe(true);
    expect(isWorse('SEV3', 'SEV3')).toBe(false);
    expect(isWorse('SEV4', 'SEV1')).toBe(false);
  });
});
