import { WatchList } from '../../../src/detect/watch-list.js';

const watched = new WatchList([
  { kind: 'ip', value: '203.0.113.9' },
  { kind: 'user', value: 'ada@example.test' },
]);

describe('a list of watched entities', () => {
  it('finds what an event names, whatever the field is called', () => {
    for (const fields of [{ 'c-ip': '203.0.113.9' }, { src_ip: '203.0.113.9' }, { ip: '203.0.113.9' }]) {
      expect(watched.namedIn(fields)).toEqual([{ kind: 'ip', value: '203.0.113.9' }]);
    }
    expect(watched.namedIn({ actor: { email: 'ada@example.test' } })).toEqual([
      { kind: 'user', value: 'ada@example.test' },
    ]);
  });

  it('names an entity once, though several fields do', () => {
    expect(watched.namedIn({ ip: '203.0.113.9', 'c-ip': '203.0.113.9' })).toHaveLength(1);
  });

  it('passes over others, and the same text as another kind of thing', () => {
    expect(watched.namedIn({ 'c-ip': '203.0.113.10', user: '203.0.113.9', session: 'ada@example.test' })).toHaveLength(
      0,
    );
  });
});
