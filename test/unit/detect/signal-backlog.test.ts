import { SignalBacklog } from '../../../src/detect/signal-backlog.js';

/** A backlog in whose one partition a message has the next offset. */
class Rig {
  readonly backlog = new SignalBacklog();
  nowMs = 1_000_000;
  private end = 0;
  private position = 0;

  send(tenant: string, count: number): void {
    for (let i = 0; i < count; i += 1) this.backlog.sent(tenant, 0, this.end++, this.nowMs);
  }

  count(messages: number, seconds: number): void {
    this.nowMs += seconds * 1_000;
    this.position += messages;
    this.backlog.countedTo(new Map([[0, this.position]]), this.nowMs);
    this.backlog.forgetStalled(this.nowMs);
  }

  room(tenant: string): number {
    return Math.round(this.backlog.roomFor(tenant));
  }
}

describe('what waits to be counted', () => {
  it('holds up each silo by its own alone', () => {
    const rig = new Rig();
    expect(rig.room('flooding')).toBeGreaterThan(100);
    rig.send('flooding', 2_000);
    expect(rig.room('flooding')).toBeLessThan(1);
    expect(rig.room('other')).toBeGreaterThan(100);
    rig.count(1_999, 1);
    expect(rig.room('flooding')).toBeGreaterThan(100);
  });

  it('is what is counted in a second, shared by the silos that wait', () => {
    const rig = new Rig();
    rig.send('a', 10_000);
    for (let i = 0; i < 40; i += 1) rig.count(200, 0.25);
    rig.send('b', 1);
    const room = rig.room('b');
    // 800 a second; the first guess is nearly forgotten.
    expect(room).toBeGreaterThan(390);
    expect(room).toBeLessThan(430);
  });

  it('leaves to one silo what the others do not need, however many they are', () => {
    const rig = new Rig();
    // 2,000 a second could be counted, and all is within a tenth of one; thirty silos have a match a second, one has 500.
    for (let tenth = 0; tenth < 600; tenth += 1) {
      for (let silo = 0; silo < 3; silo += 1) rig.send(`calm-${(tenth * 3 + silo) % 30}`, 1);
      rig.send('attacked', 50);
      expect(rig.room('attacked')).toBeGreaterThan(200);
      rig.count(tenth === 0 ? 43 : 53, 0.1);
    }
  });

  it('is shared by those alone who need more than an equal part', () => {
    const rig = new Rig();
    for (let silo = 0; silo < 30; silo += 1) rig.send(`calm-${silo}`, 2);
    rig.send('a', 5_000);
    // Of the first guess of 1,000 the calm ones leave 940, half of it for each of two.
    expect(rig.room('b')).toBe(470);
    expect(rig.room('a')).toBeLessThan(1);
  });

  it('is never nothing, however slow the counting', () => {
    const rig = new Rig();
    rig.send('a', 1_000);
    for (let i = 0; i < 60; i += 1) rig.count(1, 1);
    expect(rig.room('b')).toBe(50);
  });

  it('does not make who is idle look slow', () => {
    const rig = new Rig();
    for (let i = 0; i < 100; i += 1) {
      rig.send('a', 1);
      rig.count(1, 1);
    }
    rig.send('a', 1);
    expect(rig.room('b')).toBeGreaterThan(400);
  });

  it('holds up nobody while nobody counts', () => {
    const rig = new Rig();
    rig.send('a', 5_000);
    rig.count(1, 1);
    expect(rig.room('a')).toBeLessThan(1);
    rig.count(0, 31);
    expect(rig.room('a')).toBeGreaterThan(100);
    rig.send('a', 5_000);
    expect(rig.room('a')).toBeGreaterThan(100);
    rig.count(1, 1);
    rig.send('a', 5_000);
    expect(rig.room('a')).toBeLessThan(1);
  });

  it('holds up nobody for longer than half a minute while nobody can say what was counted', () => {
    const rig = new Rig();
    rig.send('a', 5_000);
    rig.backlog.forgetStalled(rig.nowMs + 29_000);
    expect(rig.room('a')).toBeLessThan(1);
    rig.backlog.forgetStalled(rig.nowMs + 30_000);
    expect(rig.room('a')).toBeGreaterThan(100);
  });

  it('knows partitions apart', () => {
    const backlog = new SignalBacklog();
    backlog.sent('a', 0, 10, 0);
    backlog.sent('a', 1, 3, 0);
    backlog.countedTo(new Map([[0, 11]]), 100);
    expect(backlog.total).toBe(1);
    backlog.countedTo(new Map([[1, 3]]), 200);
    expect(backlog.total).toBe(1);
    backlog.countedTo(new Map([[1, 4]]), 300);
    expect(backlog.total).toBe(0);
  });

  it('holds up nobody for a partition that nobody reads, while others are read', () => {
    const backlog = new SignalBacklog();
    const send = (partition: number, from: number, nowMs: number): void => {
      for (let offset = from; offset < from + 1_000; offset += 1) backlog.sent('a', partition, offset, nowMs);
    };
    send(0, 0, 0);
    send(1, 0, 0);
    for (let second = 1; second <= 6; second += 1) {
      backlog.countedTo(new Map([[1, second * 30]]), second * 1_000);
      backlog.forgetStalled(second * 1_000);
      expect(backlog.total).toBe((second < 5 ? 2_000 : 1_000) - second * 30);
    }
    send(0, 1_000, 7_000);
    expect(backlog.total).toBe(1_000 - 6 * 30);
    // It is read again.
    backlog.countedTo(new Map([[0, 1]]), 8_000);
    send(0, 2_000, 8_000);
    expect(backlog.total).toBeGreaterThan(1_000);
  });
});
