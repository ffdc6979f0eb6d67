/** One connection on a stream that takes what it is given when the test says so. */
import { InFlight } from '../../src/conference/in-flight';
import type { Departure } from '../../src/events';
import type { Account } from '../../src/sockets/egress';
import type { SendQueues } from '../../src/sockets/send-queues';
import { SocketServer } from '../../src/sockets/server';
import { HANDSHAKE, HeldStream } from './held-stream';
import { ManualClock } from './manual-clock';

export const FACTS = { id: 7, room: 'room', streamName: 'anna', address: '203.0.113.1', since: 42 };

/** Lets through what runs in the next turn of the loop. */
export const turn = () => new Promise(setImmediate);

const streams: HeldStream[] = [];

afterEach(() => {
  for (const stream of streams.splice(0)) stream.destroy();
});

/** A connection whose handshake is done; time, turns and what the system says are the test's. */
export async function connectHeld(over: 'TCP' | 'TLS' = 'TCP') {
  const clock = new ManualClock();
  const inFlight = new InFlight();
  const stream = new HeldStream();
  streams.push(stream);
  if (over === 'TLS') Object.assign(stream, { encrypted: true });
  const left: Departure[] = [];
  const [ready, ignored] = [jest.fn(), jest.fn()];
  const turns: (() => void)[] = [];
  /** What the system says of the bytes that are not acknowledged. */
  const queues = { length: 0 as number | undefined, asked: [] as string[] };
  const sendQueues = {
    async lengthOf(inode: string) {
      queues.asked.push(inode);
      return queues.length;
    },
  } as SendQueues;
  const sockets = new SocketServer({
    clock,
    inFlight,
    sendQueues,
    flooding: { code: 1008, reason: 'flooding' },
    left: (_, departure) => left.push(departure),
    ready,
    inTurn: (send) => turns.push(send),
    ignored,
  });
  const connection = sockets.handshake(HANDSHAKE, stream, Buffer.alloc(0));
  if (connection === undefined || 'problem' in connection) throw new Error('the handshake has failed');
  await turn();
  stream.text();
  const hear = async (...frames: Buffer[]) => {
    for (const frame of frames) stream.push(frame);
    await turn();
    await turn();
  };
  return { clock, inFlight, stream, left, ready, ignored, turns, queues, sockets, connection, hear };
}

/** The same, admitted. */
export async function memberOnHeld(over?: 'TCP' | 'TLS', accounts: Account[] = []) {
  const connected = await connectHeld(over);
  connected.connection.admit(FACTS, accounts);
  return connected;
}
