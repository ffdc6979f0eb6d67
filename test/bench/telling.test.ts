import { ASKABLE, readSum, tellingSeconds } from '../../bench/telling';
import { startHost } from '../helpers/host';

test('a host says how long it has spent telling rooms', async () => {
  const { port, join } = await startHost({ metricsToken: ASKABLE.METRICS_TOKEN });
  const before = await tellingSeconds({ port });
  await join('room', 'x');
  expect(await tellingSeconds({ port })).toBeGreaterThan(before);
});

test('metrics without that figure are none', () => {
  expect(() => readSum('conference_rooms 1\n')).toThrow('conference_broadcast_duration_seconds_sum');
});
