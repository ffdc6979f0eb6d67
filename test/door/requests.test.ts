/** Plain requests, over real sockets: one at a time, not too many, and answers that are taken. */
import { EventEmitter, once } from 'node:events';
import { Agent, createServer, get, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANSWER_TIMEOUT, requestListener } from '../../src/door/requests';
import type { ConferenceEvents, CutFacts } from '../../src/events';
import { Connections } from '../../src/listening/connections';
import { descriptorBudget } from '../../src/listening/descriptors';
import { startHost } from '../helpers/host';
import { ManualClock } from '../helpers/manual-clock';
import { RawClient } from '../helpers/raw-client';

const GET = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n';

/** A server behind the same guard as the host's, whose answers and time are the test's. */
async function startServer(answer: RequestListener) {
  const clock = new ManualClock();
  const events = new EventEmitter<ConferenceEvents>();
  const cuts: CutFacts[] = [];
  events.on('cut', (cut) => cuts.push(cut));
  const budget = descriptorBudget();
  const limits = { maxConnectionsPerIp: 256, maxHandshakesPerIp: 50 };
  const connections = new Connections({ ...limits, isProxy: () => false, budget, clock, events });
  const server = createServer();
  let requests = 0;
  server.on('request', () => requests++);
  server.on(
    'request',
    requestListener({
      ...{ clock, connections, answer, events },
      clientAddress: () => '127.0.0.1',
      takesBody: () => false,
      checkRate: () => undefined,
      onError: (error) => {
        throw error;
      },
    }),
  );
  connections.watch(server, false);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { clock, cuts, requests: () => requests, client: await RawClient.connect(port) };
}

const servers: (() => void)[] = [];
afterEach(() => {
  for (const stop of servers.splice(0)) stop();
});

describe('a client that pipelines', () => {
  test('is cut while its first request is answered, and what else it sent is not even parsed', async () => {
    const { client, cuts, requests } = await startServer(() => {});
    client.send(GET.repeat(2_000));
    await client.closed;
    expect(cuts).toEqual([{ why: 'pipelining', address: '127.0.0.1' }]);
    expect(requests()).toBe(2);
  });

  test('is cut as well where its requests have bodies, and are answered before the next one is parsed', async () => {
    const post = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na';
    const { client, cuts, requests } = await startServer((_request, response) => response.end('x'));
    client.send(`${post.repeat(100)}${'GET / HTTP/1.1\r\n\r\n'.repeat(1_000)}`);
    await client.closed;
    expect(cuts).toMatchObject([{ why: 'pipelining' }]);
    expect(requests()).toBe(2);
  });

  test('is answered once more at its hundredth request, and nothing that follows is parsed', async () => {
    const { client, requests } = await startServer((_request, response) => response.end(`\n${requests()};`));
    for (let count = 1; count < 100; count++) {
      client.send(GET);
      await client.until(`\n${count};`);
    }
    client.send(GET.repeat(1_000));
    expect(await client.untilClosed()).not.toMatch('503');
    expect(requests()).toBe(100);
  });

  test.each([
    ['requests without a Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['requests that expect something', 'GET / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n'],
    ['requests that announce a body', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n'],
    [
      'a handshake behind a request',
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
  ])('%s is cut by the host', async (_, request) => {
    const { host, raw } = await startHost();
    const cut = once(host.events, 'cut');
    const client = await raw();
    client.send(`${GET}${request.repeat(3)}`);
    await client.closed;
    expect(await cut).toEqual([{ why: 'pipelining', address: '127.0.0.1' }]);
  });

  test('may ask again once its answer has come, a hundred times', async () => {
    const { port } = await startHost();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async () => {
      const [response] = await once(get({ port, agent, path: '/readyz' }), 'response');
      for await (const _ of response);
      return response.headers;
    };
    for (let count = 1; count < 100; count++) expect(await ask()).toMatchObject({ connection: 'keep-alive' });
    expect(await ask()).toMatchObject({ connection: 'close' });
    agent.destroy();
  });
});

describe('a body', () => {
  const HEAD = 'POST / HTTP/1.1\r\nHost: h\r\n';

  test.each([
    ['long', `${HEAD}Content-Length: 1000000\r\n\r\n`, 'x'.repeat(10_000)],
    [
      'that does not say how long it is',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
      '1\r\nx\r\n'.repeat(10_000),
    ],
    ['that the client asks to send', `${HEAD}Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n`, ''],
  ])('%s is not read: its request is answered, and then the connection ends', async (_, head, body) => {
    let read = 0;
    const { client, cuts, requests } = await startServer((request, response) => {
      request.on('data', (data: Buffer) => (read += data.length));
      setTimeout(() => response.end('answered'), 50);
    });
    client.send(head + body);
    client.send(body);
    expect(await client.untilClosed()).toMatch(/connection: close.*answered/is);
    expect([read, requests(), cuts]).toEqual([0, 1, []]);
  });

  test('that is short is thrown away, and the client may ask again', async () => {
    const { client, requests } = await startServer((_request, response) => response.end(`\n${requests()};`));
    client.send(`${HEAD}Content-Length: 4096\r\n\r\n`);
    await client.until('\n1;');
    client.send(`${'x'.repeat(4_096)}${GET}`);
    await client.until('\n2;');
  });
});

describe('an answer', () => {
  const LARGE = Buffer.alloc(32 << 20);

  test('that is not taken in time costs the client its connection', async () => {
    const { client, clock, cuts } = await startServer((_request, response) => response.end(LARGE));
    client.send(GET);
    await client.until('HTTP/1.1 200');
    client.socket.pause();
    clock.advance(ANSWER_TIMEOUT - 1);
    expect(cuts).toEqual([]);
    clock.advance(1);
    expect(cuts).toMatchObject([{ why: 'answer_not_taken' }]);
    client.socket.resume();
    await client.closed;
  });

  test('that goes on may take for ever, as long as the client takes what there is', async () => {
    let write: (text: string | Buffer) => void = () => {};
    const { client, clock, cuts } = await startServer((_request, response) => {
      response.writeHead(200);
      write = (text) => response.write(text);
      write('begun');
    });
    client.send(GET);
    await client.until('begun');
    for (let look = 0; look < 5; look++) {
      write(`look ${look}`);
      await client.until(`look ${look}`);
      clock.advance(ANSWER_TIMEOUT);
    }
    expect(cuts).toEqual([]);
    client.socket.pause();
    write(LARGE);
    clock.advance(2 * ANSWER_TIMEOUT);
    expect(cuts).toMatchObject([{ why: 'answer_not_taken' }]);
  });

  test('that is through leaves no timer', async () => {
    const { client, clock } = await startServer((_request, response) => response.end('done'));
    client.send(GET);
    await client.until('done');
    client.send(GET);
    await client.until('done');
    client.socket.destroy();
    await client.closed;
    expect(clock.waiting).toBeLessThanOrEqual(1);
  });
});

describe('plain requests', () => {
  const from = (address: string) => `GET /readyz HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ${address}\r\n\r\n`;

  test('are limited by address like handshakes, and say when to come back', async () => {
    const { raw, join } = await startHost({ trustProxy: ['loopback'], maxHandshakesPerIp: 3 });
    const answers: string[] = [];
    for (let count = 0; count < 5; count++) {
      const client = await raw();
      client.send(from('203.0.113.1'));
      answers.push(await client.until('\r\n\r\n'));
    }
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['200', '200', '200', '429', '429']);
    expect(answers[4]).toMatch(/Retry-After: 1\r\n/i);
    expect(answers[4]).toMatch(/nosniff/i);
    const other = await raw();
    other.send(from('203.0.113.2'));
    await other.until('200 OK');
    await join('room', 'anna');
  });

  test('with two Hosts are refused, and so are handshakes', async () => {
    const { raw } = await startHost();
    const hosts = 'Host: a\r\nHost: b\r\n';
    const plain = await raw();
    plain.send(`GET / HTTP/1.1\r\n${hosts}\r\n`);
    expect(await plain.untilClosed()).toMatch(/^HTTP\/1\.1 400[\s\S]*more than once/);
    const handshake = await raw();
    handshake.sendHandshake('/?room=r&streamName=s', { Host: 'a\r\nhOsT: b' });
    expect(await handshake.untilClosed()).toMatch(/^HTTP\/1\.1 400[\s\S]*nosniff[\s\S]*more than once/);
  });

  test('without a Host are refused where HTTP/1.1 asks for one', async () => {
    const { raw } = await startHost();
    const client = await raw();
    client.send('GET /readyz HTTP/1.1\r\n\r\n');
    expect(await client.untilClosed()).toMatch(/^HTTP\/1\.1 400/);
    const older = await raw();
    older.send('GET /readyz HTTP/1.0\r\n\r\n');
    expect(await older.untilClosed()).toMatch(/^HTTP\/1\.1 200/);
  });
});
