import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { burst, mean, peak, total } from '../../bench/meter';
import { establishedPorts, heldBy } from '../../bench/sockets';

/** Half a second of nothing, a second of ten bytes a tick, half a second of nothing. */
const TRACE = [...Array(5).fill(0), ...Array(10).fill(10), ...Array(5).fill(0)];

test('a trace tells how much came, how fast, and how fast at its worst', () => {
  expect(total(TRACE)).toBe(100);
  expect(mean(TRACE)).toBe(50);
  expect(peak(TRACE)).toBe(100);
  expect([total([]), mean([]), peak([])]).toEqual([0, 0, 0]);
});

test('a bucket must hold what comes faster than it is refilled', () => {
  expect(burst(TRACE, 100)).toBe(0);
  expect(burst(TRACE, 40)).toBe(60);
  expect(burst(TRACE, 0)).toBe(100);
});

test('a connection is held until it is destroyed, and open as long as both ends have it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  const gone = new Promise((resolve) => client.on('error', () => {}).once('close', resolve));
  const [accepted] = await once(server, 'connection');
  expect(heldBy(process.pid, port).map(({ remotePort }) => remotePort)).toEqual([client.localPort]);
  expect(establishedPorts(port)).toEqual(new Set([client.localPort]));
  accepted.resetAndDestroy();
  await gone;
  expect(heldBy(process.pid, port)).toEqual([]);
  expect(establishedPorts(port)).toEqual(new Set());
  server.close();
});
