import { joinTarget, startHost } from './helpers/host';

describe('joining and leaving', () => {
  test('the newcomer and everyone in the room hear each join and each leave', async () => {
    const { join } = await startHost();
    const anna = await join('room', 'anna');
    const ben = await join('room', 'ben');
    expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
    await ben.leave();
    expect(await anna.nextStreams()).toEqual(['anna']);
  });

  test('the roster is a text frame with room and streams, in this order and nothing else', async () => {
    const { open } = await startHost();
    const client = open(joinTarget('my "room"', 'é\u2028'));
    expect(await client.nextFrame()).toBe(JSON.stringify({ room: 'my "room"', streams: ['é\u2028'] }));
  });
});
