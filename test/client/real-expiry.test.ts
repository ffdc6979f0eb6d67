/**
 * The client against a host that closes members when their tokens expire. Takes seconds, so `npm run mutants` leaves it
 * out; renewal.test.ts tells the same stories by a clock of its own.
 */
import { WebSocket } from 'ws';
import { type ConferenceRoom, type JoinOptions, joinRoom } from '../../src/client/index';
import { joinTarget, startHost } from '../helpers/host';
import { hsToken, SECRET } from '../helpers/tokens';

const rooms: ConferenceRoom[] = [];

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
});

function join(address: string, options: Partial<JoinOptions>) {
  const room = joinRoom(address, { room: 'room', streamName: 'anna', ...options });
  rooms.push(room);
  const events: string[] = [];
  for (const type of ['open', 'roster', 'reconnecting', 'closed'] as const) {
    room.addEventListener(type, () => events.push(type));
  }
  return { room, events };
}

describe('against a host that closes members when their tokens expire', () => {
  async function startClosing() {
    const { port, open } = await startHost({ jwtSecret: SECRET, jwtExpired: 'close' });
    const ben = open(`${joinTarget('room', 'ben')}&token=${hsToken()}`);
    await ben.until('ben');
    return { address: `ws://127.0.0.1:${port}`, ben };
  }

  /** Has 2 s by its own words, and 2 to 3 s at the host, whose clock may be 5 s behind. */
  const shortToken = () => {
    const now = Date.now() / 1_000;
    return hsToken({ iat: now - 5, exp: now - 3 });
  };

  test('the name is never missing for another member, even if the token expires again and again', async () => {
    const { address, ben } = await startClosing();
    let given = 0;
    let enough = () => {};
    const fifth = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const token = () => {
      given++;
      if (given === 5) enough();
      return shortToken();
    };
    const { room, events } = join(address, { token, WebSocket });
    await ben.until('ben', 'anna');
    const missed: string[][] = [];
    const reading = (async () => {
      for (;;) {
        const streams = await ben.nextStreams();
        if (!streams.includes('anna')) missed.push(streams);
      }
    })();
    await fifth;
    expect(missed).toEqual([]);
    expect(events.filter((event) => event !== 'roster')).toEqual(['open']);
    room.leave();
    ben.ws.terminate();
    await expect(reading).rejects.toThrow('closed with');
  });

  test('a client comes back with a fresh token if it was not renewed in time', async () => {
    const { address, ben } = await startClosing();
    let state = 'joining';
    const token = () => {
      if (state === 'joined') throw new Error('no token today');
      return state === 'joining' ? shortToken() : hsToken();
    };
    const { room } = join(address, { token, WebSocket });
    for (const type of ['open', 'reconnecting'] as const) {
      room.addEventListener(type, () => {
        state = room.state;
      });
    }
    const lost = new Promise((resolve) => room.addEventListener('reconnecting', resolve));
    expect(await lost).toMatchObject({ code: 4410 });
    await ben.until('ben', 'anna');
    await ben.until('ben');
    await ben.until('ben', 'anna');
  });
});
