/** Rosters that know what is live, on real sockets, by a clock that the test moves. */
import { setImmediate as turn } from 'node:timers/promises';
import { Red5 } from '../helpers/red5';
import { type Red5Host, startRed5Host } from '../helpers/red5-host';

/** Lets time pass in small steps, and whatever is asked meanwhile be answered. */
async function pass(host: Red5Host, red5: Red5, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 20; step++) {
    const asked = red5.asked;
    host.clock.advance(50);
    await settle(red5, asked);
  }
}

/** Until nothing is under way: what was asked has been answered, over a real socket. */
async function settle(red5: Red5, asked: number): Promise<void> {
  for (let idle = 0; idle < 12; idle++) {
    await turn();
    if (red5.asked !== asked) idle = 0;
    asked = red5.asked;
  }
}

describe.each(['standalone', 'streamManager'] as const)('with a server asked as %s', (how) => {
  test('a publisher without a socket is listed in a room that has members, and goes when it ends', async () => {
    const red5 = await Red5.start();
    const host = await startRed5Host({ ...red5[how], roster: 'both' });
    const anna = host.join('red5', 'anna');
    await anna.until('anna');
    red5.publish('live/red5/obs');
    expect(await host.published('live/red5/obs')).toBe(204);
    await anna.until('anna', 'obs');
    red5.unpublish('live/red5/obs');
    await host.unpublished('live/red5/obs');
    await pass(host, red5, 2.9);
    expect(anna.unread()).toEqual([]);
    await pass(host, red5, 0.2);
    await anna.until('anna');
  });

  test('a lost hint is put right by the next question', async () => {
    const red5 = await Red5.start();
    const host = await startRed5Host({ ...red5[how], roster: 'both' });
    const anna = host.join('red5', 'anna');
    await anna.until('anna');
    await pass(host, red5, 1);
    red5.publish('live/red5/obs');
    await pass(host, red5, 6);
    await anna.until('anna', 'obs');
    red5.unpublish('live/red5/obs');
    await pass(host, red5, 6);
    await anna.until('anna');
  });

  test('media that dies under a socket that lives is listed no more, and again when it is back', async () => {
    const red5 = await Red5.start();
    const host = await startRed5Host({ ...red5[how], roster: 'live' });
    red5.publish('live/red5/anna', 'live/red5/ben');
    const anna = host.join('red5', 'anna');
    const ben = host.join('red5', 'ben');
    await anna.until('anna', 'ben');
    await pass(host, red5, 1);
    red5.unpublish('live/red5/anna');
    await pass(host, red5, 9);
    await ben.until('ben');
    red5.publish('live/red5/anna');
    await host.published('live/red5/anna');
    await ben.until('ben', 'anna');
  });
});
