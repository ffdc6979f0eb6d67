/** What a host lets in, over real sockets; addresses come from a trusted proxy's header. */
import { TestClient } from './helpers/client';
import { joinTarget, startHost, type TestHost } from './helpers/host';
import { HostProcess } from './helpers/process';
import { RawClient } from './helpers/raw-client';

/** Joins as a client of this address would through a proxy. */
function joinFrom({ port }: Pick<TestHost, 'port'>, address: string, room: string, name: string): TestClient {
  const headers = { 'X-Forwarded-For': address };
  return new TestClient(`ws://127.0.0.1:${port}${joinTarget(room, name)}`, [], { headers });
}

const THROUGH_PROXY = { trustProxy: ['loopback'] };
const TOO_MANY = { code: 4429, reason: 'too many connections from this address' };

describe('limits', () => {
  test('a full room admits nobody until somebody leaves, and gets no roster for it', async () => {
    const { join, open } = await startHost({ maxRoomSize: 2 });
    const anna = await join('room', 'anna');
    const ben = await join('room', 'ben');
    await anna.until('anna', 'ben');
    expect(await open(joinTarget('room', 'carl')).closed).toEqual({ code: 4429, reason: 'the room is full' });
    await join('other', 'carl');
    await ben.leave();
    await join('room', 'carl');
    expect(await anna.until('anna', 'carl')).toHaveLength(2);
  });

  test('a full host admits nobody until somebody leaves', async () => {
    const { join, open } = await startHost({ maxConnections: 2 });
    const anna = await join('a', 'anna');
    await join('b', 'ben');
    expect(await open(joinTarget('c', 'carl')).closed).toEqual({ code: 4429, reason: 'the host is full' });
    await anna.leave();
    await join('c', 'carl');
  });

  test('one address may have a limited number of sockets, until one of them leaves', async () => {
    const started = await startHost({ ...THROUGH_PROXY, maxConnectionsPerIp: 2 });
    const first = joinFrom(started, '203.0.113.1', 'room', 'a');
    await first.next();
    await joinFrom(started, '203.0.113.1', 'room', 'b').next();
    expect(await joinFrom(started, '203.0.113.1', 'room', 'c').closed).toEqual(TOO_MANY);
    await joinFrom(started, '203.0.113.2', 'room', 'd').next();
    await first.leave();
    await joinFrom(started, '203.0.113.1', 'room', 'e').next();
  });

  test('an IPv6 network counts as one address', async () => {
    const started = await startHost({ ...THROUGH_PROXY, maxConnectionsPerIp: 1 });
    await joinFrom(started, '2001:db8::1', 'room', 'a').next();
    expect(await joinFrom(started, '2001:db8::2', 'room', 'b').closed).toEqual(TOO_MANY);
    await joinFrom(started, '2001:db8:0:1::1', 'room', 'c').next();
  });

  test('an address with too many handshakes gets 429, and others do not', async () => {
    const started = await startHost({ ...THROUGH_PROXY, maxHandshakesPerIp: 3 });
    const knocks = ['a', 'b', 'c', 'd', 'e'].map((name) => joinFrom(started, '203.0.113.1', 'room', name));
    const statuses = await Promise.all(
      knocks.map((knock) =>
        Promise.race([knock.next().then(() => 101), knock.refusedWith().then(({ status }) => status)]),
      ),
    );
    expect(statuses.sort()).toEqual([101, 101, 101, 429, 429]);
    await joinFrom(started, '203.0.113.2', 'room', 'f').next();
  });

  test.each(['fe80::1%br-lan', '64:ff9b::1.2.3.4', '::1%a.b', 'unknown', '999.1.1.1', '1'])(
    'a proxy that says %s harms nobody',
    async (claimed) => {
      const started = await startHost(THROUGH_PROXY);
      await joinFrom(started, claimed, 'room', 'a').next();
    },
  );

  test.each([
    ['with a port', '203.0.113.1:50123', '203.0.113.1:50124'],
    ['in brackets, with a port', '[2001:db8::1]:1', '[2001:db8::2]:2'],
    ['that nobody can read', '<script>', 'unknown'],
    ['behind a translator', '64:ff9b::203.0.113.1', '203.0.113.1'],
  ])('an address %s counts', async (_, first, second) => {
    const started = await startHost({ ...THROUGH_PROXY, maxConnectionsPerIp: 1 });
    await joinFrom(started, first, 'room', 'a').next();
    expect(await joinFrom(started, second, 'room', 'b').closed).toEqual(TOO_MANY);
  });

  test('refused handshakes count too: the limit is checked first', async () => {
    const allowedOrigins = ['https://a.example'];
    const { port } = await startHost({ ...THROUGH_PROXY, allowedOrigins, maxHandshakesPerIp: 2 });
    const headers = { 'X-Forwarded-For': '203.0.113.1', Origin: 'https://evil.example' };
    const knock = async () => {
      const { status } = await new TestClient(`ws://127.0.0.1:${port}/?room=r&streamName=s`, [], {
        headers,
      }).refusedWith();
      return status;
    };
    expect([await knock(), await knock(), await knock()]).toEqual([403, 403, 429]);
  });

  test.each([
    ['whatever a client of no trusted proxy claims', {}, '203.0.113.1'],
    ['to a client of the local network', THROUGH_PROXY, '192.168.1.7'],
    ['to a client of the local network, port or not', THROUGH_PROXY, '192.168.1.7:50123'],
  ])('by address do not apply %s', async (_, options, claimed) => {
    const started = await startHost({ ...options, maxConnectionsPerIp: 1, maxHandshakesPerIp: 1 });
    await joinFrom(started, claimed, 'room', 'a').next();
    await joinFrom(started, claimed, 'room', 'b').next();
    await joinFrom(started, claimed, 'room', 'c').next();
  });

  test('500 half-open upgrades keep nobody out, and are cut when their time is up', async () => {
    const { join, raw } = await startHost();
    const halfOpen = await Promise.all(Array.from({ length: 500 }, () => raw()));
    for (const client of halfOpen) client.send('GET /?room=room&streamName=x HTTP/1.1\r\nHost: h\r\n');
    const anna = await join('room', 'anna');
    await Promise.all(halfOpen.map((client) => client.closed));
    await join('room', 'ben');
    await anna.until('anna', 'ben');
  });
});

describe('out of descriptors', () => {
  test('members stay and get rosters, others are refused, and joining works again once there is room', async () => {
    const host = new HostProcess(
      { HOST: '127.0.0.1', PORT: '0' },
      [],
      ['sh', '-c', 'ulimit -n 256; exec "$0" "$@"'],
    );
    const { urls } = await host.line('listening');
    const [url = ''] = urls as string[];
    const join = (name: string) => new TestClient(`${url}${joinTarget('room', name)}`);
    const anna = join('anna');
    await anna.next();
    const outcome = (client: TestClient) =>
      Promise.race([client.next().then(() => 'in'), client.closed.then(({ code }) => code)]);
    const herd: TestClient[] = [];
    const outcomes: unknown[] = [];
    // All at once, some would make way for others before they have asked for anything.
    while (herd.length < 400) {
      const group = Array.from({ length: 20 }, (_, n) => join(`${herd.length + n}`));
      herd.push(...group);
      outcomes.push(...(await Promise.all(group.map(outcome))));
    }
    expect(outcomes.filter((result) => result === 'in')).toHaveLength(256 - 64 - 1);
    for (const result of outcomes) expect(['in', 4429, 1006]).toContain(result);
    expect(outcomes).toContain(4429);
    for (const client of herd) client.ws.close();
    await Promise.all(herd.map((client) => client.closed));
    await anna.until('anna');

    const port = Number(new URL(url).port);
    await Promise.all(Array.from({ length: 300 }, () => RawClient.connect(port)));
    await join('ben').next();
    await anna.until('anna', 'ben');
    host.kill('SIGTERM');
    expect(await host.exit).toEqual({ code: 0, stderr: '' });
  });
});
