/** Many pages in one room while hosts restart, links are cut and networks change, from a seed. */
import { setMaxListeners } from 'node:events';
import { type ConferenceRoom, joinRoom } from '../../src/client/index';
import { FakeRoomHost } from '../helpers/fake-room-host';
import { SeededRandom } from '../helpers/random';

const PAGES = 30;
const RUNS = 100;
const PLAIN_RUNS = 10;
/** Of a run in which a page stayed away for longer than the others waited. */
const FOUND = [241];
const FAULTS = 8;

const network = new EventTarget();
setMaxListeners(PAGES, network);

beforeEach(() => {
  jest.useFakeTimers();
  Object.assign(globalThis, {
    addEventListener: network.addEventListener.bind(network),
    removeEventListener: network.removeEventListener.bind(network),
  });
});

/** Those that have not left. */
const pages = new Set<ConferenceRoom>();

afterEach(() => {
  for (const page of pages) page.leave();
  jest.useRealTimers();
  jest.restoreAllMocks();
  Reflect.deleteProperty(globalThis, 'addEventListener');
  Reflect.deleteProperty(globalThis, 'removeEventListener');
});

const runs = (count: number, found: readonly number[] = []) => [...Array(count).keys(), ...found];

test.each([
  ...runs(RUNS, [142]).map((seed) => ['changes and beats', seed] as const),
  ...runs(PLAIN_RUNS, FOUND).map((seed) => ['plain frames', seed] as const),
])('to a host of %s, seed %i: only those who leave are said to have left', async (frames, seed) => {
  const isPlain = frames === 'plain frames';
  const random = new SeededRandom(seed);
  jest.spyOn(Math, 'random').mockImplementation(() => random.next());
  const host = new FakeRoomHost(random, isPlain);
  pages.clear();
  const gone = new Set<string>();
  const wrong: string[] = [];

  for (let index = 0; index < PAGES; index++) {
    const page = joinRoom('ws://host', {
      room: 'room',
      streamName: `page ${index}`,
      WebSocket: host.WebSocket,
    });
    page.addEventListener('roster', ({ left }) => wrong.push(...left.filter((name) => !gone.has(name))));
    pages.add(page);
  }
  await jest.advanceTimersByTimeAsync(5_000);

  const faults = [
    async () => host.restart(random.below(4_000)),
    async () => {
      for (const socket of host.some(0.3)) socket.cut();
    },
    async () => {
      for (const socket of host.some(0.3)) socket.goMute();
      // Who gets no beats learns from the browser only that a link may be dead.
      if (!isPlain) return;
      network.dispatchEvent(new Event('offline'));
      await jest.advanceTimersByTimeAsync(random.below(3_000));
      network.dispatchEvent(new Event('online'));
    },
    async () => {
      const page = random.pick([...pages]);
      gone.add(page.streamName);
      pages.delete(page);
      page.leave();
    },
  ];
  for (let count = 0; count < FAULTS; count++) {
    await random.pick(faults)();
    await jest.advanceTimersByTimeAsync(random.below(15_000));
  }
  await jest.advanceTimersByTimeAsync(60_000);

  const names = Array.from(pages, ({ streamName }) => streamName).sort();
  expect(wrong).toEqual([]);
  for (const page of pages) expect([...page.streams].sort()).toEqual(names);
});
