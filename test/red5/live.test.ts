/** Rosters that know what is live, on real sockets, by a clock that the test moves. */
import { Red5 } from '../helpers/red5';
import { pass, startRed5Host } from '../helpers/red5-host';

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
    await pass(host.clock, red5, 2.9);
    expect(anna.unread()).toEqual([]);
    await pass(host.clock, red5, 0.2);
    await anna.until('anna');
  });

  test('a lost hint is put right by the next question', async () => {
    const red5 = await Red5.start();
    const host = await startRed5Host({ ...red5[how], roster: 'both' });
    const anna = host.join('red5', 'anna');
    await anna.until('anna');
    await pass(host.clock, red5, 1);
    red5.publish('live/red5/obs');
    await pass(host.clock, red5, 6);
    await anna.until('anna', 'obs');
    red5.unpublish('live/red5/obs');
    await pass(host.clock, red5, 6);
    await anna.until('anna');
  });

  test('media that dies under a socket that lives is listed no more, and again when it is back', async () => {
    const red5 = await Red5.start();
    const host = await startRed5Host({ ...red5[how], roster: 'live' });
    red5.publish('live/red5/anna', 'live/red5/ben');
    const anna = host.join('red5', 'anna');
    const ben = host.join('red5', 'ben');
    await anna.until('anna', 'ben');
    await pass(host.clock, red5, 1);
    red5.unpublish('live/red5/anna');
    await pass(host.clock, red5, 9);
    await ben.until('ben');
    red5.publish('live/red5/anna');
    await host.published('live/red5/anna');
    await ben.until('ben', 'anna');
  });
});
