import { constants, sign } from 'node:crypto';
import { Authority } from '../../../src/door/auth/authority';
import { COOLDOWN, KeysUnavailable, MAX_AGE, RemoteKeys } from '../../../src/door/auth/keys';
import type { AuthorityFacts } from '../../../src/events';
import { createConferenceHost } from '../../../src/index';
import { joinTarget, startHost } from '../../helpers/host';
import { TestLog } from '../../helpers/log';
import {
  hmac,
  ISSUER,
  inSeconds,
  keyToken,
  makeKey,
  makeToken,
  publicJwk,
  type SigningKey,
} from '../../helpers/tokens';
import { type Answer, startWebServer, unusedUrl } from '../../helpers/web-server';

const TARGET = joinTarget('room', 'anna');
const rsa = makeKey('RS256', 'rsa');
const ec = makeKey('ES256', 'ec');
const ed = makeKey('EdDSA', 'ed');
const ed25519 = makeKey('Ed25519', 'ed25519');

const publishes =
  (keys: readonly object[]): Answer =>
  (_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ keys }));
  };

/** A key server whose keys a test changes, and which counts how often it is asked. */
async function startKeyServer(...keys: SigningKey[]) {
  const state = { keys, asked: 0, port: 0 };
  const answer: Answer = (request, response) => {
    state.asked++;
    publishes(state.keys.map(publicJwk))(request, response);
  };
  const server = await startWebServer(answer);
  return {
    ...server,
    state,
    restart: () => startWebServer(answer, server.port),
  };
}

async function startHostWithKeys(...keys: SigningKey[]) {
  const { url } = await startKeyServer(...keys);
  return startHost({ jwtJwksUrl: `${url}/keys?tenant=a`, jwtIssuer: ISSUER });
}

describe('a token signed by a key of the key server', () => {
  test.each([rsa, ec, ed, ed25519])('with $alg lets in', async (key) => {
    const { open } = await startHostWithKeys(rsa, ec, ed, ed25519);
    await open(`${TARGET}&token=${keyToken(key)}`).until('anna');
  });

  test('lets in without naming its key, whichever of two it is', async () => {
    const second = makeKey('RS256', 'second');
    const { open } = await startHostWithKeys(rsa, second);
    for (const key of [rsa, second]) {
      await open(`${TARGET}&token=${keyToken(key, {}, { kid: undefined })}`).until('anna');
    }
  });

  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const publicText = JSON.stringify(publicJwk(rsa));
  const claims = { exp: inSeconds(3_600), iss: ISSUER };
  const none = () => Buffer.alloc(0);
  const stranger = makeKey('RS256', 'rsa');
  const nameless = { kid: undefined };

  test.each([
    [
      'HS256 keyed with the public key in PEM',
      makeToken({ alg: 'HS256', kid: 'rsa' }, claims, hmac(publicPem)),
    ],
    ['HS256 keyed with the published key', makeToken({ alg: 'HS256', kid: 'rsa' }, claims, hmac(publicText))],
    ['HS256 that names no key', makeToken({ alg: 'HS256' }, claims, hmac(publicPem))],
    ['the algorithm none', makeToken({ alg: 'none', kid: 'rsa' }, claims, none)],
    ['RS384', keyToken({ ...rsa, kid: 'rsa' }, {}, { alg: 'RS384' })],
    ['PS256 of a key for RS256', keyToken(rsa, {}, { alg: 'PS256' })],
    ['a key of a stranger under a known name', keyToken(stranger)],
    ['a key of a stranger without a name', keyToken(stranger, {}, nameless)],
    ['a key that it brings along', keyToken(stranger, {}, { jwk: publicJwk(stranger), kid: undefined })],
  ])('but: %s lets nobody in', async (_what, bad) => {
    const { open } = await startHostWithKeys(rsa, ec);
    expect(await open(`${TARGET}&token=${bad}`).closed).toEqual({
      code: 4401,
      reason: 'the token was rejected',
    });
  });

  test.each([
    ['a key that is not published', keyToken(makeKey('ES256', 'unknown'))],
    ['a key server of its own', keyToken(stranger, {}, { jku: 'http://127.0.0.1:1/', kid: 'x' })],
    ['ES256 said of an RSA key', keyToken(rsa, {}, { alg: 'ES256' })],
    ['a kid that is no text', keyToken(rsa, {}, { kid: 1 })],
  ])('but: %s lets nobody in, which is final only once the keys are asked for again', async (_what, bad) => {
    const { open } = await startHostWithKeys(rsa, ec);
    expect(await open(`${TARGET}&token=${bad}`).closed).toEqual({
      code: 4429,
      reason: 'credentials cannot be checked now',
    });
  });

  test.each([
    ['RS512', { hash: 'sha512', padding: constants.RSA_PKCS1_PADDING }],
    ['PS256', { hash: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }],
  ])('well, but with %s, lets nobody in', async (alg, { hash, ...options }) => {
    const { alg: _, ...forAnything } = publicJwk(rsa);
    const { url } = await startWebServer(publishes([forAnything]));
    const { open } = await startHost({ jwtJwksUrl: url, jwtIssuer: ISSUER });
    const other = makeToken({ alg }, claims, (signed) =>
      sign(hash, Buffer.from(signed), { key: rsa.privateKey, ...options }),
    );
    expect(await open(`${TARGET}&token=${other}`).closed).toMatchObject({ code: 4401 });
    await open(`${TARGET}&token=${keyToken(rsa)}`).until('anna');
  });

  test('expired lets nobody in, though it does not name its key', async () => {
    const { open } = await startHostWithKeys(rsa, makeKey('RS256', 'second'));
    const expired = keyToken(rsa, { exp: inSeconds(-60) }, nameless);
    expect(await open(`${TARGET}&token=${expired}`).closed).toMatchObject({ code: 4401, reason: /expired/ });
  });
});

/** Plays the time, and asks for keys as the verification of a token does. */
async function rememberKeys(url: string) {
  const { events } = createConferenceHost();
  const told: AuthorityFacts[] = [];
  events.on('authority', (facts) => told.push(facts));
  const jose = await import('jose');
  const time = { now: 0 };
  const keys = new RemoteKeys(jose, url, new Authority('key server', events), () => time.now);
  const finds = async (key: SigningKey) => {
    const { payload } = await jose.jwtVerify(keyToken(key), keys.find);
    return payload.exp !== undefined;
  };
  return { finds, told, time };
}

describe('the keys', () => {
  test('are asked for once, and again when they have grown old', async () => {
    const { url, state } = await startKeyServer(rsa);
    const { finds, time } = await rememberKeys(url);
    for (let count = 0; count < 5; count++) await finds(rsa);
    time.now = MAX_AGE - 1;
    await finds(rsa);
    expect(state.asked).toBe(1);
    time.now = MAX_AGE;
    await finds(rsa);
    expect(state.asked).toBe(2);
  });

  test('that are withdrawn are good no more when the others have grown old', async () => {
    const { url, state } = await startKeyServer(rsa, ec);
    const { finds, time } = await rememberKeys(url);
    await finds(rsa);
    state.keys = [ec];
    await finds(rsa);
    time.now = MAX_AGE;
    await expect(finds(rsa)).rejects.toThrow('no applicable key found');
  });

  test('survive an outage of the key server, however long, and are asked for now and then', async () => {
    const server = await startKeyServer(rsa);
    const { finds, time, told } = await rememberKeys(server.url);
    await finds(rsa);
    await server.stop();
    for (time.now = MAX_AGE; time.now < 10 * MAX_AGE; time.now += MAX_AGE / 2) {
      expect(await finds(rsa)).toBe(true);
    }
    expect(told).toEqual([
      { name: 'key server', problem: expect.stringMatching(/^(ECONNREFUSED|UND_ERR_SOCKET)$/) },
    ]);
    await server.restart();
    server.state.keys = [ec];
    await finds(ec);
    expect(told[1]).toEqual({ name: 'key server', problem: undefined });
    time.now += COOLDOWN;
    await expect(finds(rsa)).rejects.toThrow('no applicable key found');
  });

  test('that are new are found at once, by all who need them at the same time', async () => {
    const { url, state } = await startKeyServer(rsa);
    const { finds, time } = await rememberKeys(url);
    await finds(rsa);
    time.now = COOLDOWN;
    state.keys = [rsa, ec];
    expect(await Promise.all([finds(ec), finds(ec), finds(rsa), finds(ec)])).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(state.asked).toBe(2);
  });

  test('that nobody has are not asked for again and again', async () => {
    const { url, state } = await startKeyServer(rsa);
    const { finds, time } = await rememberKeys(url);
    for (const asked of [1, 2]) {
      await expect(finds(ec)).rejects.toThrow('no applicable key');
      for (let count = 0; count < 10; count++) await expect(finds(ec)).rejects.toThrow(KeysUnavailable);
      expect(state.asked).toBe(asked);
      time.now += COOLDOWN;
    }
  });

  test('that are new while the key server may not be asked again are not refused for good', async () => {
    const { url, state } = await startKeyServer(rsa);
    const { finds, time } = await rememberKeys(url);
    await finds(rsa);
    state.keys = [rsa, ec];
    time.now = COOLDOWN - 1;
    await expect(finds(ec)).rejects.toThrow(KeysUnavailable);
    expect(state.asked).toBe(1);
    time.now = COOLDOWN;
    expect(await finds(ec)).toBe(true);
  });

  test('that are new while an older question is on its way are not refused for good', async () => {
    const answers: (() => void)[] = [];
    const { url } = await startWebServer((request, response) => {
      answers.push(() => publishes([publicJwk(rsa)])(request, response));
      if (answers.length === 1) answers[0]?.();
    });
    const { finds, time } = await rememberKeys(url);
    await finds(rsa);
    time.now = COOLDOWN;
    const nobodys = finds(makeKey('ES256', 'nobodys'));
    const asked = expect(nobodys).rejects.toThrow('no applicable key');
    while (answers.length < 2) await new Promise(setImmediate);
    const late = expect(finds(ec)).rejects.toThrow(KeysUnavailable);
    await new Promise(setImmediate);
    answers[1]?.();
    await Promise.all([asked, late]);
  });

  test('that are new during an outage cannot be told from wrong ones', async () => {
    const server = await startKeyServer(rsa);
    const { finds, time } = await rememberKeys(server.url);
    await finds(rsa);
    await server.stop();
    time.now = COOLDOWN;
    await expect(finds(ec)).rejects.toThrow(KeysUnavailable);
    expect(await finds(rsa)).toBe(true);
  });

  const elsewhere = publishes([publicJwk(rsa)]);
  test.each<[string, Answer, string]>([
    ['an error', (_request, response) => response.writeHead(500).end(), 'Expected 200 OK'],
    ['no JSON', (_request, response) => response.end('<html>'), 'Failed to parse'],
    [
      'more than 256 KiB',
      publishes([publicJwk(rsa), { padding: 'x'.repeat(256 * 1024) }]),
      'the answer is longer than 256 KiB',
    ],
    [
      'more than 256 KiB without an end',
      (_request, response) => {
        const pour = () => {
          while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
        };
        response.on('drain', pour);
        pour();
      },
      'the answer is longer than 256 KiB',
    ],
    ['JSON that is no key set', (_request, response) => response.end('{"keys":7}'), 'malformed'],
    [
      'nothing, and hangs up',
      (request) => request.socket.destroy(),
      'other side closed|ECONNRESET|UND_ERR_SOCKET',
    ],
  ])('cannot be had from a server that answers with %s', async (_what, answer, problem) => {
    const { url } = await startWebServer(answer);
    const { finds, told } = await rememberKeys(url);
    await expect(finds(rsa)).rejects.toThrow(KeysUnavailable);
    expect(told).toEqual([{ name: 'key server', problem: expect.stringMatching(problem) }]);
  });

  test('are not fetched from another place that the key server points to', async () => {
    const asked = jest.fn(elsewhere);
    const { url: other } = await startWebServer(asked);
    const { url } = await startWebServer((_request, response) =>
      response.writeHead(302, { Location: other }).end(),
    );
    const { finds } = await rememberKeys(url);
    await expect(finds(rsa)).rejects.toThrow(KeysUnavailable);
    expect(asked).not.toHaveBeenCalled();
  });
});

describe('a host whose key server cannot be reached', () => {
  test('says so at its start, tells clients to try later, and lets them in once it can', async () => {
    const server = await startKeyServer(rsa);
    await server.stop();
    const log = new TestLog();
    const { open } = await startHost({
      jwtJwksUrl: server.url,
      jwtIssuer: ISSUER,
      logger: log.logger,
    });
    const down = await log.line('unreachable: clients that depend on it cannot join');
    expect(down).toMatchObject({ level: 50, authority: 'key server', problem: 'ECONNREFUSED' });
    const client = open(`${TARGET}&token=${keyToken(rsa)}`);
    expect(await client.closed).toEqual({ code: 4429, reason: 'credentials cannot be checked now' });
    await server.restart();
    await open(`${TARGET}&token=${keyToken(rsa)}`).until('anna');
    expect(await log.line('reachable again')).toMatchObject({ level: 30, authority: 'key server' });
  });

  test('refuses what needs no key to be refused', async () => {
    const { open } = await startHost({ jwtJwksUrl: await unusedUrl(), jwtIssuer: ISSUER });
    expect(await open(TARGET).closed).toMatchObject({ code: 4401 });
    expect(await open(`${TARGET}&token=x`).closed).toMatchObject({ code: 4401 });
    const confused = makeToken({ alg: 'HS256' }, { exp: inSeconds(60) }, hmac('x'));
    expect(await open(`${TARGET}&token=${confused}`).closed).toMatchObject({ code: 4401 });
  });
});
