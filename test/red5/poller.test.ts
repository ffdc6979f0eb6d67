/** When the server is asked, by a clock that the test moves and answers that it gives. */
import { setImmediate as turn } from 'node:timers/promises';
import { SECOND_LOOK } from '../../src/red5/live-media';
import { MOST_PROBES, Poller, PROBE, SILENT_PROBE } from '../../src/red5/poller';
import type { Pace } from '../../src/red5/source';
import { ManualClock } from '../helpers/manual-clock';

const PACE: Pace = { interval: 5_000, gap: 5, burst: 8, most: 8 };

/** @param latency milliseconds until an answer */
function start(latency: number | 'by hand' = 1, pace = PACE) {
  const clock = new ManualClock();
  const asked: { readonly name: string; readonly at: number }[] = [];
  const states: (string | undefined)[] = [];
  const open: { readonly name: string; answer(): void }[] = [];
  const most = { inFlight: 0 };
  const server: { problem: string | undefined } = { problem: undefined };
  /** Subjects of which the server cannot tell, whatever else it can. */
  const broken = new Set<string>();
  const poller = new Poller({
    clock,
    pace,
    ask: (name) =>
      new Promise((resolve) => {
        asked.push({ name, at: clock.now() });
        const question = {
          name,
          answer: () => {
            open.splice(open.indexOf(question), 1);
            resolve(broken.has(name) ? 'odd' : server.problem);
          },
        };
        open.push(question);
        most.inFlight = Math.max(most.inFlight, open.length);
        if (latency !== 'by hand') clock.schedule(question.answer, latency);
      }),
    onState: (problem) => states.push(problem),
  });
  /** Milliseconds, in steps of one. */
  const pass = async (milliseconds: number) => {
    for (let step = 0; step < milliseconds; step++) {
      clock.advance(1);
      await Promise.resolve();
      await Promise.resolve();
    }
    await turn();
  };
  return { clock, asked, states, open, most, server, broken, poller, pass };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `room ${index}`);

test('a room is asked about at once, every 5 s after that, and no more when it is empty', async () => {
  const { asked, poller, pass } = start();
  poller.watch('red5');
  expect(asked).toEqual([{ name: 'red5', at: 0 }]);
  await pass(60_000);
  expect(asked.length).toBeGreaterThanOrEqual(12);
  expect(asked.length).toBeLessThanOrEqual(14);
  poller.unwatch('red5');
  const { length } = asked;
  await pass(20_000);
  expect(asked).toHaveLength(length);
});

test('rooms that open together are spread evenly over the 5 s', async () => {
  const { asked, poller, pass } = start();
  for (const name of names(100)) poller.watch(name);
  await pass(20_000);
  const { length } = asked;
  await pass(5_000);
  const times = asked.slice(length).map(({ at }) => Math.floor(at / 1_000) % 5);
  const seconds = [0, 1, 2, 3, 4].map((second) => times.filter((time) => time === second).length);
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(17);
  expect(Math.max(...seconds)).toBeLessThanOrEqual(23);
});

test('a thousand rooms are 200 questions a second, eight at a time at most, and none is left out', async () => {
  const { asked, most, poller, pass } = start(30);
  for (const name of names(1_000)) poller.watch(name);
  await pass(6_000);
  expect(new Set(asked.map(({ name }) => name)).size).toBe(1_000);
  const { length } = asked;
  await pass(5_000);
  expect(asked.length - length).toBeLessThanOrEqual(1_000);
  expect(most.inFlight).toBeLessThanOrEqual(8);
});

test('a hint goes before all that is asked regularly', async () => {
  const { asked, poller, pass } = start();
  for (const name of names(1_000)) poller.watch(name);
  await pass(50);
  const { length } = asked;
  poller.hurry('room 999');
  await pass(50);
  expect(asked[length]?.name).toBe('room 999');
});

test('a hint while a room is asked about makes another question after that one, however many hints there are', async () => {
  const { asked, open, poller, pass } = start('by hand');
  poller.watch('red5');
  for (let hints = 0; hints < 10; hints++) poller.hurry('red5');
  await pass(1_000);
  expect(asked).toHaveLength(1);
  open[0]?.answer();
  await pass(100);
  expect(asked).toHaveLength(2);
});

test('a server that takes a second to answer is asked about a room every ten', async () => {
  const { asked, poller, pass } = start(1_000);
  poller.watch('red5');
  await pass(100_000);
  expect(asked.length).toBeGreaterThanOrEqual(8);
  expect(asked.length).toBeLessThanOrEqual(12);
});

test('while it cannot be asked, single questions find out when it can; then all are asked', async () => {
  const { asked, states, server, most, poller, pass } = start(10);
  for (const name of names(50)) poller.watch(name);
  await pass(1_000);
  server.problem = 'down';
  await pass(10_000);
  expect(states).toEqual(['down']);
  most.inFlight = 0;
  const { length } = asked;
  await pass(10 * PROBE);
  expect(asked.length - length).toBeLessThanOrEqual(11);
  expect(new Set(asked.slice(length).map(({ name }) => name)).size).toBeGreaterThanOrEqual(9);
  expect(most.inFlight).toBe(1);
  server.problem = undefined;
  const back = asked.length;
  await pass(1_500);
  expect(states).toEqual(['down', undefined]);
  expect(new Set(asked.slice(back).map(({ name }) => name)).size).toBe(50);
});

test('the truth about a thousand rooms is there 6 s after the server is back, with a second look at many', async () => {
  const { asked, server, poller, pass, clock } = start(10);
  const rooms = names(1_000);
  for (const name of rooms) poller.watch(name);
  await pass(10_000);
  server.problem = 'down';
  await pass(60_000);
  server.problem = undefined;
  const back = clock.now();
  const isSince = ({ at }: { readonly at: number }) => at >= back;
  while (new Set(asked.filter(isSince).map(({ name }) => name)).size < rooms.length) await pass(100);
  expect(clock.now() - back + SECOND_LOOK).toBeLessThan(5_500);
  await pass(20_000);
  expect(asked.filter(({ at }) => at > clock.now() - 10_000).length).toBeLessThanOrEqual(2_010);
});

test('while it is silent, a few questions wait for it', async () => {
  const { asked, open, states, server, poller, pass } = start('by hand');
  for (const name of names(50)) poller.watch(name);
  await pass(100);
  server.problem = 'silent';
  for (const question of [...open]) question.answer();
  const { length } = asked;
  await pass(10 * SILENT_PROBE);
  expect(asked.length - length).toBeLessThanOrEqual(MOST_PROBES);
  expect(open.length).toBeLessThanOrEqual(MOST_PROBES);
  server.problem = undefined;
  open.at(-1)?.answer();
  await pass(10);
  expect(states.at(-1)).toBeUndefined();
});

test('a room that fails by itself is no reason to give the server up', async () => {
  const { states, server, poller, pass } = start(1);
  poller.watch('red5');
  await pass(100);
  server.problem = 'odd';
  poller.hurry('red5');
  await pass(10);
  server.problem = undefined;
  await pass(10_000);
  expect(states).toEqual([]);
});

test('rooms that always fail are no reason to give the server up, and are asked no more often than others', async () => {
  const { asked, states, broken, poller, pass } = start(1);
  poller.watch('fine');
  await pass(100);
  for (const name of names(50)) {
    broken.add(name);
    poller.watch(name);
  }
  await pass(1_000);
  const { length } = asked;
  await pass(20_000);
  expect(states).toEqual([]);
  expect(asked.length - length).toBeLessThanOrEqual(51 * 5);
  expect(asked.slice(length).filter(({ name }) => name === 'fine').length).toBeGreaterThanOrEqual(4);
});

test('a room that closes and opens again has one question in flight, and another after that', async () => {
  const { asked, open, most, poller, pass } = start('by hand');
  poller.watch('red5');
  for (let times = 0; times < 3; times++) {
    poller.unwatch('red5');
    poller.watch('red5');
    await pass(100);
  }
  expect(most.inFlight).toBe(1);
  open[0]?.answer();
  await pass(100);
  expect(asked).toHaveLength(2);
  open[0]?.answer();
  await pass(100);
  poller.unwatch('red5');
  await pass(20_000);
  expect(asked).toHaveLength(2);
});

test('a server that cannot be asked is asked until it can, also when all rooms have closed meanwhile', async () => {
  const { clock, asked, states, server, poller, pass } = start(1);
  for (const name of names(3)) poller.watch(name);
  await pass(100);
  server.problem = 'down';
  await pass(12_000);
  for (const name of names(3)) poller.unwatch(name);
  await pass(3_000);
  expect(states).toEqual(['down']);
  server.problem = undefined;
  await pass(2_000);
  expect(states).toEqual(['down', undefined]);
  const { length } = asked;
  await pass(20_000);
  expect([asked.length, clock.waiting]).toEqual([length, 0]);
});

test('a node that cannot ask finds out when it can, although another one can', async () => {
  const { states, server, poller, pass } = start();
  poller.watch('red5');
  server.problem = 'its hosts.txt does not list this node';
  await pass(12_000);
  for (let times = 0; times < 20; times++) {
    poller.answeredElsewhere('red5', 0, 700);
    if (times === 15) server.problem = undefined;
    await pass(500);
  }
  expect(states).toEqual(['its hosts.txt does not list this node', undefined]);
});

test('a node waits longer for another where the server is slow', async () => {
  const { asked, poller, pass } = start();
  poller.watch('red5');
  await pass(100);
  poller.answeredElsewhere('red5', 2_000, 700);
  await pass(22_000);
  expect(asked).toHaveLength(1);
  await pass(1_000);
  expect(asked).toHaveLength(2);
});

test('what another node has asked is asked here only when that node no more does', async () => {
  const { asked, poller, pass } = start();
  poller.watch('red5');
  await pass(100);
  for (let times = 0; times < 5; times++) {
    poller.hurryLater('red5', 200);
    poller.answeredElsewhere('red5', 0, 700);
    await pass(5_000);
  }
  expect(asked).toHaveLength(1);
  await pass(800);
  expect(asked).toHaveLength(2);
});

test('nothing is asked after the stop, and no timer is left', async () => {
  const { clock, asked, poller, pass } = start(0);
  for (const name of names(20)) poller.watch(name);
  await pass(10);
  poller.stop();
  const { length } = asked;
  await pass(20_000);
  expect(asked).toHaveLength(length);
  expect(clock.waiting).toBe(0);
});
