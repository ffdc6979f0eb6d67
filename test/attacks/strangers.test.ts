/** What one address may cost all others, before any of its connections is a member's: limits from the first byte on. */
import { ATTACKER, describeInNamespace, Namespace, OTHER } from '../helpers/namespace';
import type { RawClient } from '../helpers/raw-client';

const FOREIGN = { Origin: 'https://foreign.example' };

interface Attacked {
  readonly namespace: Namespace;
  readonly port: number;
}

async function attacked(env: Record<string, string>): Promise<Attacked> {
  const namespace = await Namespace.make();
  const { port } = await namespace.host(env);
  return { namespace, port };
}

/** So many connections from the attacker's address, one after the other. */
async function dialMany({ namespace, port }: Attacked, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  while (clients.length < count) clients.push(await namespace.raw(port, ATTACKER));
  return clients;
}

async function statusOf(client: RawClient): Promise<string | undefined> {
  return /^HTTP\/1\.1 (\d+)/.exec(await client.until('\r\n\r\n'))?.[1];
}

describeInNamespace('an address of its own', () => {
  test('may hold so many silent connections and no more: the oldest goes for a newcomer, and others join', async () => {
    const scene = await attacked({ MAX_CONNECTIONS_PER_IP: '5' });
    const silent = await dialMany(scene, 40);
    await Promise.all(silent.slice(0, 35).map(({ closed }) => closed));
    const newest = silent.slice(35);
    for (const client of newest) client.send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await Promise.all(newest.map(statusOf))).toEqual(['200', '200', '200', '200', '200']);
    const anna = await scene.namespace.join(scene.port, OTHER, 'room', 'anna');
    await anna.until('anna');
    const ben = await scene.namespace.join(scene.port, ATTACKER, 'room', 'ben');
    await ben.until('anna', 'ben');
  });

  test('loses no member to its newcomers, who are told that there are too many', async () => {
    const { namespace, port } = await attacked({ MAX_CONNECTIONS_PER_IP: '2' });
    const anna = await namespace.join(port, ATTACKER, 'room', 'anna');
    await anna.until('anna');
    const ben = await namespace.join(port, ATTACKER, 'room', 'ben');
    await ben.until('anna', 'ben');
    const carl = await namespace.join(port, ATTACKER, 'room', 'carl');
    expect(await carl.closed).toEqual({ code: 4429, reason: 'too many connections from this address' });
    await (await namespace.join(port, OTHER, 'room', 'dora')).until('anna', 'ben', 'dora');
    await anna.until('anna', 'ben', 'dora');
    await ben.until('anna', 'ben', 'dora');
  });

  test('may ask so often a second, and is told 429 beyond that; others are answered', async () => {
    const scene = await attacked({ MAX_HANDSHAKES_PER_IP: '3' });
    const clients = await dialMany(scene, 6);
    for (const client of clients) client.send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    const statuses = await Promise.all(clients.map(statusOf));
    expect([...statuses].sort()).toEqual(['200', '200', '200', '429', '429', '429']);
    const refused = clients.filter((_, index) => statuses[index] === '429');
    for (const answer of await Promise.all(refused.map((client) => client.untilClosed()))) {
      expect(answer).toMatch(/^retry-after: 1\r$/im);
      expect(answer).toMatch(/^connection: close\r$/im);
    }
    const other = await scene.namespace.raw(scene.port, OTHER);
    other.send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await statusOf(other)).toBe('200');
  });

  test('may be refused so often a second, and is told 429 beyond that; others join', async () => {
    const env = { MAX_HANDSHAKES_PER_IP: '3', ALLOWED_ORIGINS: 'https://meet.example' };
    const scene = await attacked(env);
    const clients = await dialMany(scene, 6);
    for (const client of clients) client.sendHandshake('/?room=room&streamName=x', FOREIGN);
    const statuses = await Promise.all(clients.map(statusOf));
    expect(statuses.sort()).toEqual(['403', '403', '403', '429', '429', '429']);
    await (await scene.namespace.join(scene.port, OTHER, 'room', 'anna')).until('anna');
  });
});
