/** The system's tables of sockets, as a test writes them. */
import promises from 'node:fs/promises';
import { SendQueues } from '../../src/sockets/send-queues';
import { ManualClock } from '../helpers/manual-clock';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

function row(index: number, queue: string, inode: string): string {
  const line = `${index}: 0100007F:1F41 0100007F:D2A4 01 ${queue}:0000000F 02:0000000A 00000003`;
  return `${line.padStart(76)}     0        0 ${inode} 2 0000000000000000 20 4 30 10 -1\n`;
}

/** Plays the tables; a table that is missing cannot be read. @returns how often they were read */
function play(tables: Record<string, string>): () => number {
  const read = jest.spyOn(promises, 'readFile').mockImplementation(async (path) => {
    const table = tables[String(path)];
    if (table === undefined) throw new Error('there is no such file');
    return table;
  });
  return () => read.mock.calls.filter(([path]) => path === '/proc/net/tcp').length;
}

afterEach(() => jest.restoreAllMocks());

test('the queues of all sockets are read, those of IPv6 too', async () => {
  play({
    '/proc/net/tcp':
      HEAD + row(0, '00000000', '4711') + row(1, '0000001A', '4712') + row(10_000, '00F00000', '4713'),
    '/proc/net/tcp6': HEAD + row(0, '0001E240', '4714'),
  });
  const queues = new SendQueues(new ManualClock());
  const inodes = ['4711', '4712', '4713', '4714', '471', ''];
  expect(await Promise.all(inodes.map((inode) => queues.lengthOf(inode)))).toEqual([
    ...[0, 26, 0xf00000, 123_456],
    ...[undefined, undefined],
  ]);
});

test('where one table is missing, the other is read; where both are, nothing is known', async () => {
  play({ '/proc/net/tcp6': HEAD + row(0, '00000001', '4711') });
  expect(await new SendQueues(new ManualClock()).lengthOf('4711')).toBe(1);
  play({});
  expect(await new SendQueues(new ManualClock()).lengthOf('4711')).toBeUndefined();
});

test('the tables are read twice a second at most, once for all who ask meanwhile', async () => {
  const timesRead = play({ '/proc/net/tcp': HEAD + row(0, '00000001', '4711') });
  const clock = new ManualClock();
  const queues = new SendQueues(clock);
  await Promise.all([queues.lengthOf('4711'), queues.lengthOf('4711')]);
  expect(timesRead()).toBe(1);
  clock.advance(100);
  const early = queues.lengthOf('4711');
  clock.advance(399);
  const late = queues.lengthOf('4711');
  await new Promise(setImmediate);
  expect(timesRead()).toBe(1);
  clock.advance(1);
  expect(await Promise.all([early, late])).toEqual([1, 1]);
  expect(timesRead()).toBe(2);
  clock.advance(500);
  expect(await queues.lengthOf('4711')).toBe(1);
  expect([timesRead(), clock.waiting]).toEqual([3, 0]);
});
