/** Large rooms of clients that speak `conference.2`: they are told in turns, and each catches up with one frame. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RoomChanges } from '../../src/conference/changes';
import { SMALL } from '../../src/conference/delivery';
import { InFlight } from '../../src/conference/in-flight';
import { AskingConnection } from '../../src/sockets/asking';
import type { Connection } from '../../src/sockets/connection';
import { textFrame } from '../../src/sockets/frame';
import { SendQueues } from '../../src/sockets/send-queues';
import { SocketServer } from '../../src/sockets/server';
import { ASKING, AskingClient } from '../helpers/asking-client';
import { makeCertificate } from '../helpers/certificates';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN, ask as askHttp } from '../helpers/http';
import { ManualClock } from '../helpers/manual-clock';
import { describeWith } from '../helpers/programs';
import { RawClient } from '../helpers/raw-client';

const SIZE = SMALL + 20;

const nameOf = (index: number) => `participant ${index}`;
const names = (size: number) => Array.from({ length: size }, (_, index) => nameOf(index));

async function fill(host: TestHost, scheme: 'ws' | 'wss', size = SIZE): Promise<AskingClient[]> {
  const clients: AskingClient[] = [];
  for (const name of names(size)) {
    const client = new AskingClient(`${scheme}://127.0.0.1:${host.port}${joinTarget('room', name)}`);
    await client.frame();
    clients.push(client);
  }
  return clients;
}

describe('a large room in which all ask', () => {
  test('has the same list everywhere in the end, though its changes share frames', async () => {
    const host = await startHost();
    const clients = await fill(host, 'ws');
    const leavers = clients.splice(10, 30);
    await Promise.all(leavers.map((client) => client.leave()));
    const left = names(SIZE).filter((_, index) => index < 10 || index >= 40);
    for (const client of clients) await client.untilListed(...left);
  });

  test('counts what it is told, and no rosters', async () => {
    const host = await startHost({ adminToken: ADMIN_TOKEN });
    const clients = await fill(host, 'ws');
    await clients.pop()?.leave();
    for (const client of clients) await client.untilListed(...names(SIZE - 1));
    const { body } = await askHttp(host.port, '/metrics');
    const figure = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(body)?.[1]);
    expect(figure('conference_rosters_sent_total')).toBe(0);
    expect(figure('conference_rosters_sent_bytes_total')).toBe(0);
    expect(figure('conference_changes_sent_total')).toBeGreaterThan(2 * SIZE);
    expect(figure('conference_changes_sent_bytes_total')).toBeGreaterThan(60 * SIZE);
  });

  test('tells one that joins as others do the whole truth, plain or not', async () => {
    const host = await startHost();
    const clients = await fill(host, 'ws');
    const plain = await host.join('room', 'plain');
    const anna = new AskingClient(`ws://127.0.0.1:${host.port}${joinTarget('room', 'anna')}`);
    const all = [...names(SIZE), 'plain', 'anna'];
    await plain.until(...all);
    for (const client of [...clients, anna]) await client.untilListed(...all);
  });
});

/** The host's end of a client that reads nothing until it is told to, in a room whose list a test sets. */
async function slowReader(size: number) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  client.sendHandshake('/', { 'Sec-WebSocket-Protocol': ASKING });
  const [request, socket, head] = await once(server, 'upgrade');
  const clock = new ManualClock();
  const ready = jest.fn((member: Connection) => member.take(new Uint8Array(0)));
  const opened = new SocketServer({
    clock,
    inFlight: new InFlight(),
    sendQueues: new SendQueues(clock),
    flooding: { code: 1008, reason: '' },
    left() {},
    ready,
    inTurn: (send) => send(),
    ignored() {},
    requested() {},
    noted() {},
  }).handshake(request, socket, head);
  if (!(opened instanceof AskingConnection)) throw new Error('it does not speak conference.2');
  let list = Array.from({ length: size }, (_, index) => `${index} ${'x'.repeat(200)}`);
  const changes = new RoomChanges({
    room: '"room"',
    streams: () => list.map((name) => ({ name, encoded: JSON.stringify(name) })),
    encode: textFrame,
  });
  const set = (next: string[]) => {
    list = next;
    changes.changed();
    return opened.take(new Uint8Array(0));
  };
  client.socket.pause();
  opened.admit({ id: 1, room: 'room', streamName: 'slow', address: '', since: 0 }, [], {});
  opened.follow(changes, () => {});
  expect(opened.take(new Uint8Array(0))).toBe(true);
  const close = () => {
    server.close();
    client.socket.destroy();
    socket.destroy();
  };
  return { client, opened, ready, list: () => list, set, close };
}

describe('a client that was behind', () => {
  test('gets one frame with all that has changed meanwhile', async () => {
    const { client, opened, ready, list, set, close } = await slowReader(60_000);
    const more = [...list(), 'ben'];
    expect(set(more)).toBe(false);
    expect(set(more.slice(1))).toBe(false);
    expect(set([...more.slice(2), 'cleo'])).toBe(false);
    expect(opened.behind).toBe(true);
    const chunks: Buffer[] = [];
    client.socket.on('data', (chunk) => chunks.push(chunk));
    client.socket.resume();
    while (!Buffer.concat(chunks.slice(-2)).includes('"joined":["ben","cleo"]}'))
      await once(client.socket, 'data');
    const received = Buffer.concat(chunks).toString('latin1');
    expect(received).toContain('{"type":"changes","seq":4,"since":1,"left":["0 xx');
    expect(received.match(/"type":"/g)).toHaveLength(2);
    expect(opened.behind).toBe(false);
    expect(ready).toHaveBeenCalledTimes(1);
    close();
  });
});

describeWith('openssl', 'over TLS', () => {
  test('the list comes first and then its changes, as without', async () => {
    const { cert, key } = makeCertificate('asking.example');
    const host = await startHost({ tlsCert: cert, tlsKey: key });
    const clients = await fill(host, 'wss', 5);
    const last = clients.pop();
    await last?.leave();
    for (const client of clients) await client.untilListed(...names(4));
  });
});
