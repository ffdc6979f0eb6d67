/** Handshakes that a test completes itself, with raw clients. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { InFlight } from '../../src/conference/in-flight';
import type { Departure } from '../../src/events';
import { SendQueues } from '../../src/sockets/send-queues';
import { SocketServer } from '../../src/sockets/server';
import { ManualClock } from './manual-clock';
import { RawClient } from './raw-client';

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A plain HTTP server that hands out what asks it for an upgrade. */
export async function startUpgradeServer() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  /** A client that has asked for an upgrade, and what the server has of it. */
  return async (headers?: Record<string, string>) => {
    const client = await RawClient.connect(port);
    client.sendHandshake('/', headers);
    const [request, socket, head] = (await once(server, 'upgrade')) as [IncomingMessage, Socket, Buffer];
    cleanUps.push(() => {
      client.socket.destroy();
      socket.destroy();
    });
    return { client, request, socket, head };
  };
}

/** A `SocketServer` of its own. */
export async function startSocketServer() {
  const clock = new ManualClock();
  const departures: Departure[] = [];
  const left = new EventEmitter();
  const ignored = jest.fn();
  const sockets = new SocketServer({
    clock,
    inFlight: new InFlight(),
    sendQueues: new SendQueues(clock),
    flooding: { code: 1008, reason: 'flooding' },
    left: (member, departure) => {
      departures.push(departure);
      left.emit(String(member.id), departure);
    },
    ready() {},
    inTurn: (send) => send(),
    ignored,
  });
  const askForUpgrade = await startUpgradeServer();
  const ask = async (headers?: Record<string, string>) => {
    const { client, request, socket, head } = await askForUpgrade(headers);
    return { client, socket, open: () => sockets.handshake(request, socket, head) };
  };

  let lastId = 0;
  /** A member. */
  const join = async (headers?: Record<string, string>) => {
    const { client, socket, open } = await ask(headers);
    const member = open();
    if (member === undefined || 'problem' in member) throw new Error('the handshake has failed');
    lastId++;
    const facts = { id: lastId, room: 'room', streamName: 'anna', address: '127.0.0.1', since: 0 };
    const gone: Promise<Departure> = once(left, String(lastId)).then(([departure]) => departure);
    member.admit(facts, []);
    const answer = await client.until('\r\n\r\n');
    /** Its bytes come as one chunk, which nothing is sent behind until it was read. */
    const send = async (bytes: Buffer) => {
      const heard = once(socket, 'data');
      client.send(bytes);
      await heard;
    };
    return { client, socket, member, answer, send, gone };
  };
  return { clock, sockets, departures, ignored, ask, join };
}
