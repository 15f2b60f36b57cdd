import { assign } from '../../../../src/platform/event-log/kafka/assigner.js';

const members = (given: Record<string, string[]>): Map<string, Set<string>> =>
  new Map(Object.entries(given).map(([member, topics]) => [member, new Set(topics)]));

describe('the assignment of partitions', () => {
  it('shares them out evenly, over topics too', () => {
    const topics = ['a', 'b', 'c', 'd'].map((topic) => ({ topic, partitions: 1 }));
    const names = topics.map(({ topic }) => topic);
    const assigned = assign(members({ one: names, two: names }), topics);
    expect([...assigned.values()].map((share) => Object.keys(share).length)).toEqual([2, 2]);
  });

  it('gives a topic only to members that asked for it', () => {
    const assigned = assign(members({ old: ['a'], current: ['a', 'new'] }), [
      { topic: 'a', partitions: 2 },
      { topic: 'new', partitions: 2 },
    ]);
    expect(assigned.get('old')?.['new']).toBeUndefined();
    expect(assigned.get('current')?.['new']).toEqual([0, 1]);
  });

  it('gives each partition to exactly one', () => {
    const assigned = assign(members({ one: ['a'], two: ['a'], three: ['a'] }), [{ topic: 'a', partitions: 7 }]);
    const all = [...assigned.values()].flatMap((share) => share['a'] ?? []);
    expect(all.sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('leaves a topic that nobody asked for, or that has gone, alone', () => {
    expect(
      assign(members({ one: ['gone'] }), [
        { topic: 'gone', partitions: 0 },
        { topic: 'b', partitions: 1 },
      ]).get('one'),
    ).toEqual({});
  });
});
