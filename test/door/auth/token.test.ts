import { joinTarget, startHost } from '../../helpers/host';
import { hmac, hsToken, inSeconds, makeToken, SECRET } from '../../helpers/tokens';

const TARGET = joinTarget('room', 'anna');

describe('a token', () => {
  test.each<[string, string, string[], Record<string, string>]>([
    ['in the Authorization header', TARGET, [], { Authorization: `Bearer ${hsToken()}` }],
    ['whose scheme is written otherwise', TARGET, [], { Authorization: `bEARER  ${hsToken()}` }],
    ['in the query', `${TARGET}&token=${hsToken()}`, [], {}],
    ['that an unmodified Testbed page carries', `/?token=${hsToken()}&${TARGET.slice(1)}`, [], {}],
    ['in the subprotocols', TARGET, ['conference', hsToken()], {}],
    ['behind other subprotocols', TARGET, ['chat', 'conference', hsToken()], {}],
    ['in the header, before others', `${TARGET}&token=bad`, [], { Authorization: `Bearer ${hsToken()}` }],
    ['in the query, before the subprotocols', `${TARGET}&token=${hsToken()}`, ['conference', 'bad'], {}],
    [
      'in the query, beside other credentials',
      `${TARGET}&token=${hsToken()}`,
      [],
      { Authorization: 'Basic eDp5' },
    ],
    ['in the subprotocols, beside an empty one', `${TARGET}&token=`, ['conference', hsToken()], {}],
  ])('%s lets in', async (_where, target, protocols, headers) => {
    const { open } = await startHost({ jwtSecret: SECRET });
    const client = open(target, protocols, { headers });
    expect(await client.next()).toEqual({ room: 'room', streams: ['anna'] });
  });

  test.each([
    ['our own, and never the token', ['conference', hsToken()], 'conference'],
    ['our own, wherever it stands', ['chat', 'conference', hsToken()], 'conference'],
    ['our own, before a token that stands first', [hsToken(), 'conference'], 'conference'],
    ['the first where ours is not offered', ['chat', 'talk'], 'chat'],
  ])('is not answered: the subprotocol is %s', async (_what, protocols, answer) => {
    const { open } = await startHost();
    const client = open(TARGET, protocols);
    await client.next();
    expect(client.ws.protocol).toBe(answer);
  });

  test('is good for joining, and whoever has joined stays when it expires', async () => {
    const { open } = await startHost({ jwtSecret: SECRET });
    const short = hsToken({ exp: inSeconds(-3) });
    const anna = open(`${TARGET}&token=${short}`);
    await anna.until('anna');
    const joins = async () => {
      const ben = open(`${joinTarget('other', 'ben')}&token=${short}`);
      const joined = await ben.next().then(
        () => true,
        () => false,
      );
      ben.ws.terminate();
      return joined;
    };
    while (await joins());
    const carl = open(`${joinTarget('room', 'carl')}&token=${hsToken()}`);
    await carl.until('anna', 'carl');
    await anna.until('anna', 'carl');
  });

  test.each<[string, Record<string, unknown>]>([
    ['names the room', { room: 'room' }],
    ['lists the room among others', { room: ['other', 'room'] }],
    ['names the stream', { streamName: 'anna' }],
    ['names both', { room: 'room', streamName: 'anna' }],
    ['has been valid since now', { nbf: inSeconds(0) }],
    ['has an issuer and an audience that nobody asks for', { iss: 'someone', aud: ['x'] }],
  ])('that %s lets in', async (_what, claims) => {
    const { open } = await startHost({ jwtSecret: SECRET });
    await open(`${TARGET}&token=${hsToken(claims)}`).until('anna');
  });

  test.each<[string, () => Record<string, unknown>]>([
    ['expired 2 s ago', () => ({ exp: inSeconds(-2) })],
    ['is valid from 4 s on', () => ({ nbf: inSeconds(4) })],
  ])('that %s lets in, since clocks may differ by 5 s', async (_what, claims) => {
    const { open } = await startHost({ jwtSecret: SECRET });
    await open(`${TARGET}&token=${hsToken(claims())}`).until('anna');
  });

  test.each<[string, Record<string, unknown>]>([
    ['the one', { iss: 'https://issuer.example', aud: 'conference' }],
    ['one of several', { iss: 'https://issuer.example', aud: ['media', 'conference'] }],
  ])('with the issuer and %s audience that are asked for lets in', async (_what, claims) => {
    const { open } = await startHost({
      jwtSecret: SECRET,
      jwtIssuer: 'https://issuer.example',
      jwtAudience: 'conference',
    });
    await open(`${TARGET}&token=${hsToken(claims)}`).until('anna');
  });
});

const good = { exp: inSeconds(3_600), iss: 'issuer', aud: 'audience' };
const token = (claims: Record<string, unknown>) => hsToken({ ...good, ...claims });
const flipped = (text: string, at: number) =>
  `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
const [header = '', payload = '', signature = ''] = token({}).split('.');
const otherPayload = Buffer.from(JSON.stringify({ ...good, room: 'room' })).toString('base64url');

const MISSING = 'the token is missing';
const MALFORMED = 'the token is malformed';
const REJECTED = 'the token was rejected';
const EXPIRED = 'the token has expired';

describe('a bad token lets nobody in:', () => {
  const badTokens: [string, string | undefined, number, string][] = [
    ['none at all', undefined, 4401, MISSING],
    ['an empty one', '', 4401, MISSING],
    ['a word', 'open-sesame', 4401, MALFORMED],
    ['two parts', `${header}.${payload}`, 4401, MALFORMED],
    ['four parts', `${header}.${payload}.${signature}.x`, 4401, MALFORMED],
    ['five parts, as if encrypted', 'a.b.c.d.e', 4401, MALFORMED],
    ['only dots', '..', 4401, MALFORMED],
    ['a header that is no JSON', makeToken('{', good, hmac(SECRET)), 4401, MALFORMED],
    ['a header that is a list', makeToken('[]', good, hmac(SECRET)), 4401, MALFORMED],
    ['a payload that is no JSON', makeToken({ alg: 'HS256' }, 'hello', hmac(SECRET)), 4401, MALFORMED],
    ['a payload that is null', makeToken({ alg: 'HS256' }, 'null', hmac(SECRET)), 4401, MALFORMED],
    ['a payload that is a list', makeToken({ alg: 'HS256' }, '[]', hmac(SECRET)), 4401, MALFORMED],
    ['characters that are not base64url', `${header}.${payload}.*${signature}`, 4401, MALFORMED],
    ['no signature', `${header}.${payload}.`, 4401, REJECTED],
    ['a signature cut short', `${header}.${payload}.${signature.slice(0, 20)}`, 4401, REJECTED],
    ['a signature changed in one place', `${header}.${payload}.${flipped(signature, 9)}`, 4401, REJECTED],
    ['claims put under the signature of others', `${header}.${otherPayload}.${signature}`, 4401, REJECTED],
    ['another secret', hsToken(good, 'another-secret-of-the-tests-32-b'), 4401, REJECTED],
    ['the secret cut short', hsToken(good, SECRET.slice(0, -1)), 4401, REJECTED],
    ['an empty secret', hsToken(good, ''), 4401, REJECTED],
    ['the algorithm none', makeToken({ alg: 'none' }, good, () => Buffer.alloc(0)), 4401, REJECTED],
    ['the algorithm None', makeToken({ alg: 'None' }, good, () => Buffer.alloc(0)), 4401, REJECTED],
    ['none over a good signature', makeToken({ alg: 'none' }, good, hmac(SECRET)), 4401, REJECTED],
    ['no algorithm', makeToken({}, good, hmac(SECRET)), 4401, MALFORMED],
    [
      'HS512 with the right secret',
      makeToken({ alg: 'HS512' }, good, hmac(SECRET, 'sha512')),
      4401,
      REJECTED,
    ],
    ['RS256 claimed over an HMAC', makeToken({ alg: 'RS256' }, good, hmac(SECRET)), 4401, REJECTED],
    ['a critical header that is not known', hsToken(good, SECRET, { crit: ['x'], x: 1 }), 4401, REJECTED],
    ['an unencoded payload', hsToken(good, SECRET, { crit: ['b64'], b64: false }), 4401, MALFORMED],
    ['expired an hour ago', token({ exp: inSeconds(-3_600) }), 4401, EXPIRED],
    ['expired 5 s ago', token({ exp: inSeconds(-5) }), 4401, EXPIRED],
    ['not valid for a minute yet', token({ nbf: inSeconds(60) }), 4401, 'the token is not valid yet'],
    ['no exp', token({ exp: undefined }), 4401, REJECTED],
    ['an exp that is null', token({ exp: null }), 4401, REJECTED],
    ['an exp that is text', token({ exp: `${inSeconds(3_600)}` }), 4401, REJECTED],
    ['not valid before tomorrow', token({ nbf: inSeconds(86_400) }), 4401, 'the token is not valid yet'],
    ['no issuer', token({ iss: undefined }), 4401, REJECTED],
    ['another issuer', token({ iss: 'issuer.example' }), 4401, REJECTED],
    ['no audience', token({ aud: undefined }), 4401, REJECTED],
    ['another audience', token({ aud: ['media', 'web'] }), 4401, REJECTED],
    ['another room', token({ room: 'rooms' }), 4403, 'the token is for another room'],
    ['the room in capitals', token({ room: 'ROOM' }), 4403, 'the token is for another room'],
    ['a list of other rooms', token({ room: ['a', 'b'] }), 4403, 'the token is for another room'],
    ['an empty list of rooms', token({ room: [] }), 4403, 'the token is for another room'],
    ['a room that is null', token({ room: null }), 4403, 'the token is for another room'],
    ['a room that is an object', token({ room: { room: 1 } }), 4403, 'the token is for another room'],
    ['another name', token({ streamName: 'ann' }), 4403, 'the token is for another streamName'],
    ['a list of names', token({ streamName: ['anna'] }), 4403, 'the token is for another streamName'],
    ['an empty name', token({ streamName: '' }), 4403, 'the token is for another streamName'],
  ];

  test.each(badTokens)('%s', async (_what, bad, code, reason) => {
    const { open, host } = await startHost({
      jwtSecret: SECRET,
      jwtIssuer: 'issuer',
      jwtAudience: 'audience',
    });
    const joined = jest.fn();
    host.events.on('joined', joined);
    const client = open(`${TARGET}${bad === undefined ? '' : `&token=${bad}`}`);
    expect(await client.closed).toEqual({ code, reason });
    expect(client.unread()).toEqual([]);
    expect(joined).not.toHaveBeenCalled();
  });

  test('one that is good is taken by the host that refuses all of those', async () => {
    const { open } = await startHost({ jwtSecret: SECRET, jwtIssuer: 'issuer', jwtAudience: 'audience' });
    await open(`${TARGET}&token=${token({})}`).until('anna');
  });
});

describe('where a token must name', () => {
  test.each<[string, readonly string[], Record<string, unknown>, string | undefined]>([
    ['its room, one without is refused', ['room'], { streamName: 'anna' }, 'the token names no room'],
    [
      'its streamName, one without is refused',
      ['streamName'],
      { room: 'room' },
      'the token names no streamName',
    ],
    [
      'both, one with a room alone is refused',
      ['room', 'streamName'],
      { room: 'room' },
      'the token names no streamName',
    ],
    ['both, one with neither is refused', ['room', 'streamName'], {}, 'the token names no room'],
    ['its room, one for another is refused', ['room'], { room: 'other' }, 'the token is for another room'],
    ['its room, one with it lets in', ['room'], { room: ['other', 'room'] }, undefined],
    ['both, one with both lets in', ['room', 'streamName'], { room: 'room', streamName: 'anna' }, undefined],
  ])('%s', async (_what, jwtRequire, claims, reason) => {
    const { open } = await startHost({ jwtSecret: SECRET, jwtRequire });
    const client = open(`${TARGET}&token=${hsToken(claims)}`);
    if (reason === undefined) await client.until('anna');
    else expect(await client.closed).toEqual({ code: 4403, reason });
  });
});

describe('while a secret is replaced', () => {
  const PREVIOUS = 'the-secret-of-the-year-before-32';

  test.each([
    ['the new one', hsToken({}, SECRET)],
    ['the previous one', hsToken({}, PREVIOUS)],
  ])('tokens signed with %s let in', async (_which, token) => {
    const { open } = await startHost({ jwtSecret: SECRET, jwtSecretPrevious: PREVIOUS });
    await open(`${TARGET}&token=${token}`).until('anna');
  });

  test.each([
    ['with neither', hsToken({}, 'another-secret-of-the-tests-32-b'), REJECTED],
    ['with the previous one, and expired', hsToken({ exp: inSeconds(-60) }, PREVIOUS), EXPIRED],
  ])('tokens signed %s let nobody in', async (_which, token, reason) => {
    const { open } = await startHost({ jwtSecret: SECRET, jwtSecretPrevious: PREVIOUS });
    expect(await open(`${TARGET}&token=${token}`).closed).toEqual({ code: 4401, reason });
  });

  test('and when it is done, the previous one lets nobody in', async () => {
    const { open } = await startHost({ jwtSecret: SECRET });
    expect(await open(`${TARGET}&token=${hsToken({}, PREVIOUS)}`).closed).toMatchObject({ code: 4401 });
  });
});

describe('a long token', () => {
  const tokenOf = (bytes: number) => hsToken({ padding: 'x'.repeat(Math.ceil((bytes - 120) * 0.75)) });

  test('of 6 KiB lets in', async () => {
    const { open } = await startHost({ jwtSecret: SECRET });
    const long = tokenOf(6 * 1024);
    expect(long.length).toBeGreaterThanOrEqual(6 * 1024);
    await open(`${TARGET}&token=${long}`).until('anna');
  });

  test.each([
    ['query', (long: string) => ({ target: `${TARGET}&token=${long}`, headers: {} })],
    ['header', (long: string) => ({ target: TARGET, headers: { Authorization: `Bearer ${long}` } })],
  ])('of 8 KiB in the %s is more than the headers of a request may be', async (_where, make) => {
    const { open } = await startHost({ jwtSecret: SECRET });
    const long = tokenOf(8 * 1024);
    const { target, headers } = make(long);
    const { status, body } = await open(target, [], { headers }).refusedWith();
    expect(status).toBe(431);
    expect(body).not.toMatch(long.slice(0, 20));
  });
});
