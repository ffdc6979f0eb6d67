/** Connections that are no members: who makes way for whom. */
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { connect as connectSecurely } from 'node:tls';
import type { ConferenceEvents, CutFacts } from '../../src/events';
import { Connections } from '../../src/listening/connections';
import { type DescriptorBudget, strangersAllowed } from '../../src/listening/descriptors';
import { makeCertificate } from '../helpers/certificates';
import { TestClient } from '../helpers/client';
import { joinTarget, startHost } from '../helpers/host';
import { TestLog } from '../helpers/log';
import { ManualClock } from '../helpers/manual-clock';
import { HostProcess } from '../helpers/process';
import { describeWith } from '../helpers/programs';
import { RawClient } from '../helpers/raw-client';

const UNLIMITED: DescriptorBudget = { members: 1e9, sockets: 1e9, connections: 1e9 };

/** Connections whose addresses are the test's. */
function setUp({ maxConnectionsPerIp = 256, budget = UNLIMITED, proxies = [] as string[] } = {}) {
  const events = new EventEmitter<ConferenceEvents>();
  const cuts: CutFacts[] = [];
  events.on('cut', (cut) => cuts.push(cut));
  const isProxy = (address: string) => proxies.includes(address);
  const clock = new ManualClock();
  const limits = { maxConnectionsPerIp, maxHandshakesPerIp: 50 };
  const connections = new Connections({ ...limits, isProxy, budget, clock, events });
  const server = new Server();
  connections.watch(server, false);
  const connect = (remoteAddress: string) => {
    const socket = Object.assign(new PassThrough(), { remoteAddress });
    server.emit('connection', socket as unknown as Socket);
    return socket;
  };
  const member = (remoteAddress: string) => {
    const socket = connect(remoteAddress);
    connections.answering(socket);
    connections.admitted(socket);
    return socket;
  };
  return { clock, connections, connect, member, cuts };
}

async function listening(server: Server): Promise<AddressInfo> {
  await once(server, 'listening');
  return server.address() as AddressInfo;
}

describe('an address that is at its limit', () => {
  test('loses its own connection that has been idle the longest to its newest one', () => {
    const { connect, cuts } = setUp({ maxConnectionsPerIp: 2 });
    const [first, second] = [connect('203.0.113.1'), connect('203.0.113.1')];
    const other = connect('203.0.113.2');
    const third = connect('203.0.113.1');
    expect(cuts).toEqual([{ why: 'too_many_from_address', address: '203.0.113.1' }]);
    expect([first, second, third, other].map(({ destroyed }) => destroyed)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('never loses a member; sixteen more connections are accepted to be refused, and no more', () => {
    const { connect, member, connections, cuts } = setUp({ maxConnectionsPerIp: 2 });
    const members = [member('203.0.113.1'), member('203.0.113.1')];
    const told = Array.from({ length: 16 }, () => {
      const socket = connect('203.0.113.1');
      connections.answering(socket);
      return socket;
    });
    expect(cuts).toEqual([]);
    expect(connect('203.0.113.1').destroyed).toBe(true);
    expect([...members, ...told].some(({ destroyed }) => destroyed)).toBe(false);
  });

  test('has a place again when one of its connections has closed', async () => {
    const { connect, member } = setUp({ maxConnectionsPerIp: 1 });
    const first = member('203.0.113.1');
    first.destroy();
    await once(first, 'close');
    const second = connect('203.0.113.1');
    member('203.0.113.2');
    expect(second.destroyed).toBe(false);
  });

  test('has no limit if it is a trusted proxy’s, loopback or private', () => {
    const { connect, cuts } = setUp({ maxConnectionsPerIp: 1, proxies: ['203.0.113.9'] });
    for (const address of ['203.0.113.9', '127.0.0.1', '10.0.0.1']) {
      for (let count = 0; count < 50; count++) connect(address);
    }
    expect(cuts).toEqual([]);
  });

  test('counts as its network if it is IPv6', () => {
    const { connect, cuts } = setUp({ maxConnectionsPerIp: 2 });
    for (const end of ['1', '2', '3']) connect(`2606:4700:1:2::${end}`);
    connect('2606:4700:1:3::1');
    expect(cuts).toHaveLength(1);
  });
});

describe('the places for connections that are not members', () => {
  const budget = { members: 100, sockets: 116, connections: 132 };

  test('are at most a quarter of all, and at least 32', () => {
    expect(strangersAllowed(budget, 0)).toBe(33);
    expect(strangersAllowed(budget, 100)).toBe(32);
    expect(strangersAllowed({ members: 448, sockets: 464, connections: 480 }, 300)).toBe(120);
    expect(strangersAllowed(UNLIMITED, 0)).toBe(8_192);
  });

  test('go to new connections, and the one idle the longest makes way', () => {
    const { connect, member, cuts } = setUp({ budget });
    const members = Array.from({ length: 100 }, () => member('10.0.0.1'));
    const silent = Array.from({ length: 32 }, () => connect('10.0.0.1'));
    const newcomers = [connect('10.0.0.2'), connect('10.0.0.2')];
    expect(cuts).toEqual(Array(2).fill({ why: 'made_way', address: '10.0.0.1' }));
    expect(silent.map(({ destroyed }) => destroyed)).toEqual([true, true, ...Array(30).fill(false)]);
    expect([...members, ...newcomers].some(({ destroyed }) => destroyed)).toBe(false);
  });

  test('are taken from connections being answered only if none is idle', () => {
    const { connect, connections, cuts } = setUp({ budget });
    const busy = Array.from({ length: 33 }, () => connect('10.0.0.1'));
    for (const socket of busy) connections.answering(socket);
    const newcomer = connect('10.0.0.2');
    expect(cuts).toHaveLength(1);
    expect(busy[0]?.destroyed).toBe(true);
    connect('10.0.0.3');
    expect(newcomer.destroyed).toBe(false);
    expect(busy[1]?.destroyed).toBe(true);
  });

  test('are taken first from refused connections', () => {
    const { connect, connections } = setUp({ budget });
    const silent = Array.from({ length: 30 }, () => connect('10.0.0.1'));
    const refused = Array.from({ length: 3 }, () => connect('10.0.0.1'));
    for (const socket of refused) {
      connections.answering(socket);
      connections.leaving(socket);
    }
    for (let count = 0; count < 3; count++) connect('10.0.0.2');
    expect(refused.every(({ destroyed }) => destroyed)).toBe(true);
    expect(silent.some(({ destroyed }) => destroyed)).toBe(false);
  });

  test('are given for a limited time, whatever bytes arrive', () => {
    const { clock, connect, connections, member, cuts } = setUp();
    const silent = connect('10.0.0.1');
    const [busy, joined] = [connect('10.0.0.1'), member('10.0.0.1')];
    connections.answering(busy);
    clock.advance(12_000);
    expect(cuts).toEqual([{ why: 'too_slow', address: '10.0.0.1' }]);
    expect([silent, busy, joined].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  });

  test('are given for at most half a minute, however many requests arrive', () => {
    const { clock, connect, connections } = setUp();
    const asking = connect('10.0.0.1');
    for (let second = 0; second < 29; second++) {
      connections.answering(asking);
      connections.answered(asking);
      clock.advance(1_000);
    }
    expect(asking.destroyed).toBe(false);
    clock.advance(1_000);
    expect(asking.destroyed).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('count from the last response: a connection between two requests is the newest', () => {
    const { connect, connections } = setUp({ budget });
    const [first, ...others] = Array.from({ length: 33 }, () => connect('10.0.0.1'));
    if (first === undefined) throw new Error('nobody connected');
    connections.answering(first);
    connections.answered(first);
    connect('10.0.0.1');
    expect(first.destroyed).toBe(false);
    expect(others[0]?.destroyed).toBe(true);
  });
});

describe.each([
  ['directly', {}],
  ['behind a proxy', { TRUST_PROXY: 'loopback' }],
])('as many connections as a stranger gets, %s', (_, env) => {
  test.each([
    ['that say nothing', ''],
    ['that begin a request', 'GET /?room=room&streamName=x HTTP/1.1\r\nHost: h\r\n'],
    [
      'that ask forty times and read nothing',
      'GET /pages/dashboard.js HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(40),
    ],
  ])('%s keep nobody out, and cost no member its place', async (_what, bytes) => {
    const host = new HostProcess(
      { HOST: '127.0.0.1', PORT: '0', MAX_CONNECTIONS: '300', ...env },
      [],
      ['sh', '-c', 'ulimit -n 512; exec "$0" "$@"'],
    );
    const { urls } = await host.line('listening');
    const [url = ''] = urls as string[];
    const port = Number(new URL(url).port);
    const join = (name: string) => new TestClient(`${url}${joinTarget('room', name)}`);
    const anna = join('anna');
    await anna.until('anna');
    const hoard = async () => {
      const hoarder = await RawClient.connect(port).catch(() => undefined);
      hoarder?.socket.pause();
      hoarder?.send(bytes);
    };
    await Promise.all(Array.from({ length: 600 }, hoard));
    const names = Array.from({ length: 8 }, (_unused, index) => `ben ${index}`);
    for (const name of names) await join(name).next();
    await anna.until('anna', ...names);
    host.kill('SIGTERM');
    expect(await host.exit).toEqual({ code: 0, stderr: '' });
  });
});

describe('a client on the wrong port is logged', () => {
  /** The beginning of a TLS hello: a handshake record of TLS 1.0, as browsers send it. */
  const HELLO = Buffer.from('16030100c8010000c40303', 'hex');

  test('TLS on a port without TLS', async () => {
    const log = new TestLog();
    const { raw } = await startHost({ logger: log.logger });
    const client = await raw();
    client.send(HELLO);
    await client.closed;
    const line = await log.line('cut off');
    expect(line).toMatchObject({ cut: 'tls_on_plain_port', address: '127.0.0.1', level: 30 });
    expect(line.reason).toMatch(/wss:\/\/.*TLS_CERT/);
  });

  test.each([
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nA: ${'a'.repeat(9_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['what is no HTTP', 'HELO there\r\n\r\n', 400, 'unreadable'],
  ])('%s', async (_, bytes, status, cut) => {
    const log = new TestLog();
    const { raw } = await startHost({ logger: log.logger });
    const client = await raw();
    client.send(bytes);
    const answer = await client.untilClosed();
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('nosniff');
    expect(await log.line('cut off')).toMatchObject({ cut });
  });
});

describeWith('openssl', 'over TLS', () => {
  test('clients with one address and port are told apart by the address of this machine that they call', async () => {
    const { clock, connections, cuts } = setUp();
    const { cert, key } = makeCertificate('localhost');
    const server = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
    connections.watch(server, true);
    server.on('secureConnection', (socket: Socket) => {
      connections.answering(socket);
      connections.admitted(socket);
    });
    const { port } = await listening(server.listen(0, '0.0.0.0'));
    const spare = new Server();
    const { port: localPort } = await listening(spare.listen(0, '127.0.0.1'));
    spare.close();
    const sockets = ['127.0.0.1', '127.0.0.2'].map((host) =>
      connect({ host, port, localPort, localAddress: '127.0.0.1' }),
    );
    for (const socket of sockets) await once(socket, 'connect');
    for (const socket of sockets) {
      const secured = once(server, 'secureConnection');
      connectSecurely({ socket, rejectUnauthorized: false });
      await secured;
    }
    clock.advance(12_000);
    for (const socket of sockets) socket.destroy();
    server.close();
    expect(cuts).toEqual([]);
  });

  test.each([
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['what asks for a tunnel', 'CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n'],
    ['what is neither', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
  ])('%s to a TLS port is told to the operator', async (_, bytes) => {
    const { cert: tlsCert, key: tlsKey } = makeCertificate('localhost');
    const log = new TestLog();
    const { raw } = await startHost({ tlsCert, tlsKey, logger: log.logger });
    const client = await raw();
    client.send(bytes);
    await client.closed;
    const line = await log.line('cut off');
    expect(line).toMatchObject({ cut: 'plain_on_tls_port', address: '127.0.0.1' });
    expect(line.reason).toContain('wss://');
  });

  test('a client that pipelines is cut, and one that joins is a member', async () => {
    const { cert: tlsCert, key: tlsKey } = makeCertificate('localhost');
    const { host, port, join } = await startHost({ tlsCert, tlsKey });
    const cut = once(host.events, 'cut');
    const client = await RawClient.connectSecurely(port);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(100));
    await client.closed;
    expect(await cut).toMatchObject([{ why: 'pipelining' }]);
    const anna = await join('room', 'anna');
    await anna.leave();
  });

  test('connections that never finish their handshake end with the host', async () => {
    const { cert: tlsCert, key: tlsKey } = makeCertificate('localhost');
    const { host, raw } = await startHost({ tlsCert, tlsKey });
    const client = await raw();
    client.send(Buffer.from('16', 'hex'));
    await host.close();
    await client.closed;
  });
});
