import type { LookupAddress } from 'node:dns';
import { type LookupAll, NOT_PUBLIC, publicLookup } from '../../src/hooks/public-lookup';
import { ANSWER_TIMEOUT, Receiver } from '../../src/hooks/receiver';
import { ManualClock } from '../helpers/manual-clock';
import { type Answer, startWebServer, unusedUrl } from '../helpers/web-server';

async function receiverOf(answer: Answer, { host = '127.0.0.1', allow = false } = {}) {
  const server = await startWebServer(answer);
  const clock = new ManualClock();
  const webhookUrl = `http://${host}:${server.port}/hooks?of=mine`;
  const receiver = new Receiver({ webhookUrl, webhookAllowPrivate: allow }, clock);
  return { post: () => receiver.post('{}', { 'webhook-id': 'msg_1' }), clock };
}

test('any 2xx is a success, and whatever else is not', async () => {
  const statuses = [200, 299, 301, 400, 410, 503];
  const { post } = await receiverOf((_request, response) => response.writeHead(statuses.shift() ?? 0).end());
  for (const failure of [undefined, undefined, 301, 400, 410, 503])
    expect((await post())?.status).toBe(failure);
});

test('a redirect is not followed', async () => {
  const elsewhere = jest.fn();
  const { url } = await startWebServer(elsewhere);
  const { post } = await receiverOf((_request, response) => response.writeHead(307, { location: url }).end());
  expect(await post()).toEqual({ why: 'status 307', status: 307 });
  expect(elsewhere).not.toHaveBeenCalled();
});

test('an endless answer is not read to its end', async () => {
  const { post } = await receiverOf(async (request, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const pour = () => {
      while (!request.socket.destroyed && response.write(chunk)) {}
    };
    hungUp = new Promise((resolve) => request.socket.on('close', resolve));
    response.on('drain', pour);
    pour();
  });
  let hungUp: Promise<unknown> = Promise.resolve();
  expect(await post()).toBeUndefined();
  await hungUp;
});

test('whoever does not answer in time has failed', async () => {
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { post, clock } = await receiverOf(() => asked());
  const failure = post();
  await isAsked;
  clock.advance(ANSWER_TIMEOUT);
  expect(await failure).toEqual({ why: 'no answer within 5 s' });
});

test('whoever hangs up, or switches protocols, has failed', async () => {
  const { post } = await receiverOf((request) => request.socket.destroy());
  expect((await post())?.why).toMatch('ECONNRESET');
  const switching = await receiverOf((request) => {
    request.socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
  });
  expect((await switching.post())?.why).toBe('it hangs up without an answer');
  const nobody = new Receiver(
    { webhookUrl: await unusedUrl(), webhookAllowPrivate: false },
    new ManualClock(),
  );
  expect((await nobody.post('{}', {}))?.why).toBe('it cannot be reached: ECONNREFUSED');
});

test('a name that leads to this machine is refused, unless that is allowed', async () => {
  const answer: Answer = (_request, response) => response.writeHead(204).end();
  const refused = await receiverOf(answer, { host: 'localhost' });
  expect(await refused.post()).toEqual({ why: NOT_PUBLIC });
  const allowed = await receiverOf(answer, { host: 'localhost', allow: true });
  expect(await allowed.post()).toBeUndefined();
});

describe('of what a name leads to', () => {
  const found = (...addresses: string[]) => {
    const records: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    const dns: LookupAll = (_hostname, _options, callback) => callback(null, records);
    return new Promise((resolve) => {
      publicLookup(dns)('app.example', { all: true }, (error, addresses) =>
        resolve(error?.message ?? addresses),
      );
    });
  };

  test.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '::1',
    ],
    ...['fe80::1', 'fd00::1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '224.0.0.1', '255.255.255.255', '::'],
  ])('%s is refused', async (address) => {
    expect(await found(address)).toBe(NOT_PUBLIC);
  });

  test('only what is public is taken', async () => {
    const taken = await found('10.0.0.1', '93.184.216.34', '::1', '2606:2800:220:1::1');
    expect(taken).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606:2800:220:1::1', family: 6 },
    ]);
  });
});
