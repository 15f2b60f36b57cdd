import { LAG_ALERT_SECONDS, LagWatch } from '../../../src/detect/lag-watch.js';
import type { ReaderPosition } from '../../../src/platform/event-log/event-log.js';

const TOPIC = 'silo.acme.access';
const at = (position: number, highWatermark: number): ReaderPosition[] => [
  { topic: TOPIC, partition: 0, position, highWatermark, heardAgoMs: 0, endSeenMs: 0 },
];
const minutes = (count: number): number => count * 60_000;

describe('a watch over lags', () => {
  it('names a partition of which records lie unread for a minute, and says so once a minute', () => {
    const watch = new LagWatch();
    expect(watch.late(at(10, 10), 0)).toEqual([]);
    expect(watch.late(at(10, 500), minutes(1) - 1)).toEqual([]);
    expect(watch.late(at(10, 500), minutes(1))).toEqual([
      { topic: TOPIC, partition: 0, position: 10, records: 490, seconds: LAG_ALERT_SECONDS },
    ]);
    expect(watch.late(at(20, 900), minutes(1) + 1_000)).toEqual([]);
    expect(watch.late(at(30, 900), minutes(2))).toMatchObject([{ position: 30, seconds: 120 }]);
  });

  it('keeps silent about one that is read as fast as it is written, though never to its end', () => {
    const watch = new LagWatch();
    for (let second = 0; second < 300; second += 1) {
      expect(watch.late(at(second, second + 100), second * 1_000)).toEqual([]);
      watch.handled(TOPIC, 0, second * 1_000);
    }
  });

  it('counts from the arrival of what was read last', () => {
    const watch = new LagWatch();
    watch.late(at(0, 0), 0);
    watch.handled(TOPIC, 0, 30_000);
    expect(watch.late(at(5, 50), 80_000)).toEqual([]);
    expect(watch.late(at(5, 50), 90_000)).toHaveLength(1);
  });

  it('begins anew with a partition that was away', () => {
    const watch = new LagWatch();
    watch.late(at(0, 10), 0);
    watch.late([], minutes(1));
    expect(watch.late(at(0, 10), minutes(2))).toEqual([]);
  });
});
