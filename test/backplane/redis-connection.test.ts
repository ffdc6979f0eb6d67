import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { redisConnect } from '../../src/backplane/redis-connection';
import { systemClock } from '../../src/clock';
import { quickTiming } from '../helpers/timing';

/** So long that no test would see the end of it. */
const PATIENT = { ...quickTiming, answer: 600_000 };

describe('a Redis that says nothing', () => {
  let silent: Server;

  beforeEach(async () => {
    silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });

  afterEach(() => silent.close());

  function connect(stop: AbortSignal, timing = PATIENT, scheme = 'redis') {
    const { port } = silent.address() as AddressInfo;
    const address = { url: `${scheme}://127.0.0.1:${port}`, name: 'test' };
    return redisConnect(address, systemClock, timing)(() => {}, stop);
  }

  test('is given up when the node stops: nothing is left that would keep the process alive', async () => {
    const stop = new AbortController();
    const attempt = expect(connect(stop.signal)).rejects.toThrow('the node stops');
    const [socket] = await once(silent, 'connection');
    socket.resume();
    const ended = once(socket, 'close');
    stop.abort(new Error('the node stops'));
    await Promise.all([attempt, ended]);
  });

  test('over TLS is not waited for either', async () => {
    const stop = new AbortController();
    const attempt = expect(connect(stop.signal, PATIENT, 'rediss')).rejects.toThrow('the node stops');
    const [socket] = await once(silent, 'connection');
    stop.abort(new Error('the node stops'));
    await attempt;
    socket.destroy();
  });

  test('is not even tried where the node has stopped meanwhile', async () => {
    await expect(connect(AbortSignal.abort(new Error('the node stops')))).rejects.toThrow('the node stops');
  });

  test('is given up when it has not answered in time', async () => {
    const attempt = connect(new AbortController().signal, quickTiming);
    await expect(attempt).rejects.toThrow('Redis does not answer within 600 ms');
  });
});
