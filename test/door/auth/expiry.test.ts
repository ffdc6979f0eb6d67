import { Expiry } from '../../../src/door/auth/expiry';
import { type Close, refusals } from '../../../src/door/refusals';
import { joinTarget, startHost } from '../../helpers/host';
import { ADMIN_TOKEN, ask } from '../../helpers/http';
import { ManualClock } from '../../helpers/manual-clock';
import { hsToken, ISSUER, inSeconds, keyToken, makeKey, publicJwk, SECRET } from '../../helpers/tokens';
import { startWebServer } from '../../helpers/web-server';

const TARGET = joinTarget('room', 'anna');
const EXPIRED = { code: 4410, reason: 'the token has expired: come back with a fresh one' };
/** Expired already, by a clock that is 5 s behind at most: the host takes it for three seconds more at least. */
const ending = () => inSeconds(-1);

describe('where members are closed when their token expires', () => {
  test('one is told so, the others hear that it has left, and stay', async () => {
    const { open, port } = await startHost({
      jwtSecret: SECRET,
      jwtExpired: 'close',
      adminToken: ADMIN_TOKEN,
    });
    const ben = open(`${joinTarget('room', 'ben')}&token=${hsToken()}`);
    await ben.until('ben');
    const anna = open(`${TARGET}&token=${hsToken({ exp: ending() })}`);
    await ben.until('ben', 'anna');
    expect(await anna.closed).toEqual(EXPIRED);
    await ben.until('ben');
    expect(ben.ws.readyState).toBe(ben.ws.OPEN);
    const { body } = await ask(port, '/metrics');
    expect(body).toContain('conference_leaves_total{code="4410"} 1');
  });

  test('and by then, its token lets nobody in any more', async () => {
    const { open } = await startHost({ jwtSecret: SECRET, jwtExpired: 'close' });
    const token = hsToken({ exp: Date.now() / 1_000 - 3 });
    const anna = open(`${TARGET}&token=${token}`);
    expect(await anna.closed).toEqual(EXPIRED);
    expect(await open(`${TARGET}&token=${token}`).closed).toEqual({
      code: 4401,
      reason: 'the token has expired',
    });
  });

  test('that holds for tokens of a key server as well', async () => {
    const key = makeKey('ES256', 'key');
    const keys = JSON.stringify({ keys: [publicJwk(key)] });
    const { url } = await startWebServer((_request, response) => response.end(keys));
    const { open } = await startHost({ jwtJwksUrl: url, jwtIssuer: ISSUER, jwtExpired: 'close' });
    const anna = open(`${TARGET}&token=${keyToken(key, { exp: ending() })}`);
    expect(await anna.closed).toEqual(EXPIRED);
  });

  test('those whose tokens expire later stay, in however many years that is', async () => {
    const { open } = await startHost({ jwtSecret: SECRET, jwtExpired: 'close' });
    const staying = [inSeconds(30 * 86_400), 253_402_300_799, 1e300].map((exp) =>
      open(`${joinTarget('room', `until ${exp}`)}&token=${hsToken({ exp })}`),
    );
    await Promise.all(staying.map((client) => client.next()));
    const ben = open(`${joinTarget('room', 'ben')}&token=${hsToken({ exp: ending() })}`);
    expect(await ben.closed).toEqual(EXPIRED);
    for (const { ws } of staying) expect(ws.readyState).toBe(ws.OPEN);
  });
});

describe('an expiry', () => {
  class Member {
    readonly told: Close[] = [];
    close(refusal: Close): void {
      this.told.push(refusal);
    }
  }

  function start() {
    const clock = new ManualClock();
    const day = { ahead: 1_000_000 };
    const expiry = new Expiry(clock, () => clock.now() + day.ahead);
    return { clock, day, expiry, member: new Member() };
  }

  test('comes at its time, to the millisecond, and leaves no timer behind', () => {
    const { clock, expiry, member } = start();
    expiry.watch(member, 1_200_000);
    clock.advance(199_999);
    expect(member.told).toEqual([]);
    clock.advance(1);
    expect(member.told).toEqual([refusals.expired]);
    expect(clock.waiting).toBe(0);
  });

  test('that is past comes at once, but not before the member has joined', () => {
    const { clock, expiry, member } = start();
    expiry.watch(member, 999_999);
    expect(member.told).toEqual([]);
    clock.advance(0);
    expect(member.told).toEqual([refusals.expired]);
    expect(clock.waiting).toBe(0);
  });

  test('never comes to a member that has left, of which no timer stays', () => {
    const { clock, expiry, member } = start();
    expiry.watch(member, 1_200_000);
    clock.advance(100_000);
    expiry.unwatch(member);
    expect(clock.waiting).toBe(0);
    clock.advance(1_000_000);
    expect(member.told).toEqual([]);
  });

  test('follows the time of day, when that is set, within a minute', () => {
    const { clock, day, expiry, member } = start();
    expiry.watch(member, 1_000_000 + 3_600_000);
    day.ahead += 3_600_000;
    clock.advance(60_000);
    expect(member.told).toEqual([refusals.expired]);
  });
});
