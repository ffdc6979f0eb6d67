import { Heartbeat } from '../../src/sockets/heartbeat';
import { ManualClock } from '../helpers/manual-clock';

const PING_INTERVAL = 15_000;
const PONG_TIMEOUT = 10_000;

function story(pingInterval = PING_INTERVAL, pongTimeout = PONG_TIMEOUT, startsAt = 123.4) {
  const clock = new ManualClock();
  clock.spend(startsAt);
  const heartbeat = new Heartbeat(clock, { pingInterval, pongTimeout });
  /** A peer that answers a ping after so many milliseconds, or never. */
  const join = (answersAfter = Number.POSITIVE_INFINITY) => {
    const peer = {
      lastAlive: clock.now(),
      isHeldUp: false,
      turn: 0,
      pingedAt: 0,
      pings: [] as number[],
      droppedAt: undefined as number | undefined,
      reason: '',
      ping() {
        peer.pings.push(clock.now());
        if (answersAfter < Number.POSITIVE_INFINITY) clock.schedule(() => peer.hear(), answersAfter);
      },
      hear() {
        peer.lastAlive = clock.now();
      },
      measured: [] as number[],
      /** Whether it has acknowledged more, each time it is measured. */
      takes: false,
      async measure() {
        peer.measured.push(clock.now());
        if (peer.takes) peer.hear();
      },
      drop(reason: string) {
        peer.droppedAt = clock.now();
        peer.reason = reason;
        heartbeat.unwatch(peer);
      },
    };
    heartbeat.watch(peer);
    return peer;
  };
  return { clock, heartbeat, join };
}

describe('a heartbeat', () => {
  test('drops a dead peer within 26 s of its last byte, whenever that came', () => {
    for (const lastByte of [0, 1, 14_999, 15_000, 15_200]) {
      const { clock, join } = story();
      const peer = join();
      clock.advance(lastByte);
      peer.hear();
      clock.advance(60_000);
      const ghost = (peer.droppedAt ?? Number.POSITIVE_INFINITY) - peer.lastAlive;
      expect(ghost).toBeGreaterThanOrEqual(PING_INTERVAL + PONG_TIMEOUT);
      expect(ghost).toBeLessThanOrEqual(26_000);
    }
  });

  test('never drops a peer that answers in time, and pings it at its interval', () => {
    const { clock, join } = story();
    const peer = join(PONG_TIMEOUT - 1_000);
    clock.advance(10 * 60_000);
    expect(peer.droppedAt).toBeUndefined();
    expect(peer.pings.length).toBeGreaterThan(20);
  });

  test('does not drop a peer that has answered, though its turn comes late', () => {
    const { clock, join } = story(1_000, 1_000);
    const peer = join(10);
    clock.advance(1_500);
    expect(peer.pings).toHaveLength(1);
    clock.spend(1_200);
    clock.advance(0);
    expect(peer.pings).toHaveLength(2);
    expect(peer.droppedAt).toBeUndefined();
  });

  test('pings at its interval while it waits for an answer that may take longer, and drops in time', () => {
    const { clock, join } = story(1_000, 8_000);
    const alive = join(10);
    const dead = join();
    clock.advance(8_500);
    expect(dead.pings.length).toBeGreaterThanOrEqual(7);
    expect(dead.droppedAt).toBeUndefined();
    clock.advance(1_000);
    expect(dead.droppedAt).toBeDefined();
    expect(alive.pings.length).toBeGreaterThanOrEqual(8);
    expect(alive.droppedAt).toBeUndefined();
  });

  test.each([60_000, 900])('drops nobody whose answer is yet to be read after a sleep of %i ms', (sleep) => {
    const { clock, join } = story(1_000, 500);
    const peer = join(100);
    for (let step = 0; step < 200 && peer.pings.length === 0; step++) clock.advance(10);
    expect(peer.pings).toHaveLength(1);
    clock.sleep(sleep);
    clock.advance(1_000);
    expect(peer.droppedAt).toBeUndefined();
  });

  test('takes any byte for life: a peer that talks is not even pinged', () => {
    const { clock, join } = story();
    const peer = join();
    for (let second = 0; second < 100; second++) {
      clock.advance(1_000);
      peer.hear();
    }
    expect(peer.pings).toEqual([]);
  });

  test('measures a peer that rosters may hold up, and leaves it alone while it takes them', () => {
    const { clock, join } = story();
    const slow = join();
    slow.isHeldUp = true;
    slow.takes = true;
    clock.advance(10 * 60_000);
    expect(slow.droppedAt).toBeUndefined();
    expect(slow.measured.length).toBeGreaterThan(30);
    slow.takes = false;
    const lastSign = slow.lastAlive;
    clock.advance(60_000);
    expect((slow.droppedAt ?? Number.POSITIVE_INFINITY) - lastSign).toBeLessThanOrEqual(26_000);
  });

  test('measures a peer several times before it drops it, and pings it once', () => {
    const { clock, join } = story();
    const dead = join();
    dead.isHeldUp = true;
    clock.advance(60_000);
    expect(dead.measured.length).toBeGreaterThanOrEqual(4);
    expect(dead.measured.length).toBeLessThanOrEqual(10);
    expect(dead.pings).toHaveLength(1);
    expect(dead.droppedAt).toBeLessThanOrEqual(26_200);
  });

  test('asks nobody for measures whom nothing holds up', () => {
    const { clock, join } = story();
    const dead = join();
    clock.advance(60_000);
    expect(dead.measured).toEqual([]);
  });

  test('asks again, instead of dropping everybody, after the process itself has slept', () => {
    const { clock, join } = story();
    const peers = Array.from({ length: 100 }, () => join(50));
    clock.spend(10 * 60_000);
    clock.advance(0);
    clock.advance(10 * 60_000);
    expect(peers.filter(({ droppedAt }) => droppedAt !== undefined)).toEqual([]);
    const dead = join();
    clock.advance(16_000);
    clock.spend(60_000);
    clock.advance(PONG_TIMEOUT + 500);
    expect(dead.droppedAt).toBeDefined();
  });

  test('spreads its work: peers that join over a second are not pinged in one turn', () => {
    const { clock, join } = story();
    const peers = Array.from({ length: 1_000 }, () => {
      clock.advance(1);
      return join(10);
    });
    clock.advance(16_500);
    const turns = new Map<number, number>();
    for (const [at] of peers.map(({ pings }) => pings)) if (at) turns.set(at, (turns.get(at) ?? 0) + 1);
    expect(Math.max(...turns.values())).toBeLessThanOrEqual(250);
  });

  test('leaves those alone who have left, and does nothing while there is nobody', () => {
    const { clock, heartbeat, join } = story();
    const peer = join();
    heartbeat.unwatch(peer);
    clock.advance(60_000);
    expect([peer.pings, peer.droppedAt, clock.waiting]).toEqual([[], undefined, 0]);
    const next = join();
    clock.advance(26_000);
    expect(next.droppedAt).toBeDefined();
  });

  test('is over when it is stopped, whoever leaves after that', () => {
    const { clock, heartbeat, join } = story();
    heartbeat.stop();
    const peer = join();
    heartbeat.stop();
    heartbeat.unwatch(peer);
    expect(clock.waiting).toBe(0);
  });

  test('pings and drops at the very moment where that is a turn, and says how long it heard nothing', () => {
    const { clock, join } = story(PING_INTERVAL, PONG_TIMEOUT, 1_000);
    const dead = join();
    clock.advance(60_000);
    expect([dead.pings, dead.droppedAt, dead.reason]).toEqual([[16_000], 26_000, 'silent for 25 s']);
    const other = story(1_000, 500, 1_000);
    const brief = other.join();
    other.clock.advance(60_000);
    expect(brief.reason).toBe('silent for 1.5 s');
  });

  test('pings at the next turn whom it is asked to watch after a long silence', () => {
    const { clock, heartbeat, join } = story();
    clock.advance(60_000);
    const peer = join();
    heartbeat.unwatch(peer);
    peer.lastAlive = clock.now() - 20_000;
    heartbeat.watch(peer);
    clock.advance(250);
    expect(peer.pings).toHaveLength(1);
  });

  test('drops who has not answered though the process was busy for a while', () => {
    const { clock, join } = story(1_000, 8_000, 0);
    const dead = join();
    clock.advance(8_950);
    expect(dead.droppedAt).toBeUndefined();
    clock.spend(950);
    clock.advance(0);
    expect(dead.droppedAt).toBe(9_900);
  });

  test('looks at nobody before it may be due', () => {
    const { clock, heartbeat, join } = story();
    const peer = join(10);
    heartbeat.unwatch(peer);
    let looks = 0;
    let lastAlive = clock.now();
    Object.defineProperty(peer, 'lastAlive', {
      get: () => {
        looks++;
        return lastAlive;
      },
      set: (time: number) => {
        lastAlive = time;
      },
    });
    heartbeat.watch(peer);
    clock.advance(14_900);
    const atFirst = looks;
    peer.hear();
    clock.advance(10 * 60_000);
    expect(atFirst).toBe(1);
    // Each ping takes a look before it and one after it; each look reads it a few times.
    expect(looks).toBeLessThanOrEqual(peer.pings.length * 8);
  });
});
