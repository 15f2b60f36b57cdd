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

  it('finds what a stretch of a line names, and nobody else there', () => {
    const line = Buffer.from('203.0.113.9 - ada@example.test [');
    expect(watched.namedAt('ip', line, 0, 11)).toEqual({ kind: 'ip', value: '203.0.113.9' });
    expect(watched.namedAt('user', line, 14, 30)).toEqual({ kind: 'user', value: 'ada@example.test' });
    expect(watched.namedAt('ip', line, 0, 10)).toBeUndefined();
    expect(watched.namedAt('user', line, 0, 11)).toBeUndefined();
    expect(watched.namedAt('session', line, 0, 11)).toBeUndefined();
  });

  it('knows a long value by what is kept of it', () => {
    const long = 'a'.repeat(300);
    const kept = new WatchList([{ kind: 'user', value: long.slice(0, 256) }]);
    expect(kept.namedAt('user', Buffer.from(long), 0, 300)).toEqual(kept.namedIn({ user: long })[0]);
    expect(kept.namedAt('user', Buffer.from(long), 0, 255)).toBeUndefined();
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
