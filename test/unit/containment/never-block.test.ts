import { parseNetworks, whyNeverBlocked } from '../../../src/containment/never-block.js';

const { networks } = parseNetworks(['198.51.100.0/24', '2001:db8:1::/48', '192.0.2.7']);

describe('the never-block list', () => {
  it.each([
    ['203.0.113.9', null],
    ['198.51.100.77', /never-block/],
    ['192.0.2.7', /never-block/],
    ['192.0.2.0/24', /never-block/],
    ['192.0.2.8', null],
    ['2001:db8:1::5', /never-block/],
    ['2001:db8:2::5', null],
    ['10.0.0.1', /private/],
    ['127.0.0.1', /private/],
    ['::ffff:10.0.0.1', /private/],
    ['0.0.0.0/0', /too wide/],
    ['203.0.0.0/8', /too wide/],
    ['::/0', /too wide/],
    ['nonsense; rm -rf /', /no address/],
  ])('%s: %s', (target, expected) => {
    const why = whyNeverBlocked(target, networks);
    if (expected === null) expect(why).toBeNull();
    else expect(why).toMatch(expected);
  });

  it('names its faults', () => {
    expect(parseNetworks(['x', '10.0.0.0/99']).faults).toEqual(['x', '10.0.0.0/99']);
  });
});
