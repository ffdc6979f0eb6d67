/** From the handshake to a member and back, under a clock that the test moves. */
import { EventEmitter, once } from 'node:events';
import { InFlight } from '../../src/conference/in-flight';
import type { ConferenceEvents, Departure } from '../../src/events';
import type { Connection } from '../../src/sockets/connection';
import { type Admission, Members } from '../../src/sockets/members';
import { ManualClock } from '../helpers/manual-clock';
import { clientFrame } from '../helpers/raw-client';
import { startUpgradeServer } from '../helpers/socket-server';

const STRANGER = '203.0.113.1';
const SECOND = 1_000;
const EXPIRES_AT = 4e12;
const [FIN, TEXT, CLOSE, PONG, RESERVED] = [0x80, 0x1, 0x8, 0xa, 0x3];

/** @param ahead milliseconds by which the clock of the members is ahead: timers have whole ones */
async function start(ahead = 0) {
  const clock = new ManualClock();
  const events = new EventEmitter<ConferenceEvents>();
  const [joined, left] = [[] as Connection[], [] as Connection[]];
  const admissions: Admission[] = [];
  const members = new Members({
    clock: {
      now: () => clock.now() + ahead,
      schedule: (task, delay) => clock.schedule(task, Math.ceil(delay)),
    },
    settings: { pingInterval: 15, pongTimeout: 10 },
    inFlight: new InFlight(),
    flooding: { code: 1008, reason: 'flooding' },
    sharedName: (room) => room,
    joined: (member, admission) => {
      joined.push(member);
      admissions.push(admission);
    },
    left: (member) => left.push(member),
    catchUp() {},
    noted() {},
    inTurn: (send) => send(),
    reasonOf: (code) => `the reason of ${code}`,
    events,
  });
  const askForUpgrade = await startUpgradeServer();
  const ask = async (headers?: Record<string, string>) => {
    const { client, request, socket, head } = await askForUpgrade(headers);
    return { client, socket, handshake: () => members.handshake(request, socket, head) };
  };

  /** A client whose handshake is done, and which is not admitted yet. */
  const open = async () => {
    const { client, socket, handshake } = await ask();
    const opened = handshake();
    if (opened === undefined || 'problem' in opened) throw new Error('the handshake has failed');
    await client.until('\r\n\r\n');
    const admit = (streamName: string, address = STRANGER, arrivedAt = performance.now()) =>
      opened.admit({ room: 'room', streamName }, address, arrivedAt, { expiresAt: EXPIRES_AT });
    return { client, socket, opened, admit };
  };
  const join = async (streamName: string) => {
    const { admit, ...rest } = await open();
    admit(streamName);
    const member = joined.at(-1);
    if (member === undefined) throw new Error('nobody has joined');
    return { ...rest, member };
  };
  const nextLeft = async (): Promise<Departure> => (await once(events, 'left'))[1];
  return { clock, events, members, joined, admissions, left, ask, open, join, nextLeft };
}

test('who joins is told of with the facts, and once more when it leaves', async () => {
  const { events, members, joined, admissions, left, open, nextLeft } = await start();
  const heard: unknown[][] = [];
  events.on('joined', (...facts) => heard.push(facts));
  const { client, socket, admit } = await open();
  const before = Date.now();
  admit('anna', STRANGER, performance.now() - 1e6);
  const [member] = joined;
  const facts = { id: 1, room: 'room', streamName: 'anna', address: STRANGER };
  expect(heard).toMatchObject([[facts, expect.any(Number)]]);
  expect(heard[0]?.[1]).toBeGreaterThanOrEqual(1e6);
  expect(member?.since).toBeGreaterThanOrEqual(before);
  expect(members.find(1)).toBe(member);
  expect(admissions).toEqual([{ stream: socket, expiresAt: EXPIRES_AT }]);
  const departure = nextLeft();
  client.send(clientFrame(FIN | CLOSE, Buffer.from([0x0f, 0xa0, 0x62, 0x79, 0x65])));
  expect(await departure).toEqual({ code: 4000, reason: 'bye' });
  expect(left).toEqual([member]);
});

test('members have ids of their own, and are found by them for as long as they are members', async () => {
  const { members, open, join } = await start();
  const [anna, ben] = [await join('anna'), await join('ben')];
  await open();
  expect([members.find(1), members.find(2), members.find(3)]).toEqual([anna.member, ben.member, undefined]);
  expect([members.find(0), members.openSockets]).toEqual([undefined, 3]);
  anna.opened.close({ code: 4000, reason: 'go' });
  expect([members.find(1), members.openSockets]).toEqual([undefined, 3]);
});

test('a client that has gone before it is admitted joins nothing', async () => {
  const { joined, events, open } = await start();
  const heard = jest.fn();
  events.on('joined', heard);
  const { client, opened, admit } = await open();
  const gone = new Promise<void>((resolve) => opened.onGone(resolve));
  expect(opened.isOpen()).toBe(true);
  client.reset();
  await gone;
  expect(opened.isOpen()).toBe(false);
  admit('anna');
  expect([joined, heard.mock.calls]).toEqual([[], []]);
});

test('a handshake that fails says why, or nothing where the client has hung up', async () => {
  const { ask } = await start();
  const mistaken = await ask({ 'Sec-WebSocket-Version': '7' });
  expect(mistaken.handshake()).toEqual({ problem: expect.stringContaining('Sec-WebSocket-Version') });
  const gone = await ask();
  gone.socket.destroy();
  expect(gone.handshake()).toBeUndefined();
});

test('a member that answers within the millisecond of its ping has answered', async () => {
  const { clock, left, join } = await start(0.7);
  const { client, socket } = await join('anna');
  const { bytesWritten } = socket;
  while (socket.bytesWritten === bytesWritten) clock.advance(1);
  await client.until('\x89\x00');
  const heard = once(socket, 'data');
  client.send(clientFrame(FIN | PONG));
  await heard;
  clock.advance(16 * SECOND);
  expect(left).toEqual([]);
});

test('a member that says nothing is pinged after 15 s and dropped 10 s later', async () => {
  const { clock, join, nextLeft } = await start();
  const { client } = await join('anna');
  clock.advance(14.9 * SECOND);
  expect(client.socket.bytesRead).toBe((await client.until('\r\n\r\n')).length);
  clock.advance(0.4 * SECOND);
  await client.until('\x89\x00');
  const departure = nextLeft();
  clock.advance(9.6 * SECOND);
  clock.advance(0.4 * SECOND);
  expect(await departure).toEqual({
    code: 1006,
    reason: expect.stringMatching(/^silent for 25/),
    dropped: true,
  });
  expect(clock.waiting).toBe(0);
});

test('nobody is looked after once that is stopped, or once all have left', async () => {
  const { clock, members, join } = await start();
  const { opened } = await join('anna');
  expect(clock.waiting).toBe(1);
  opened.close({ code: 4000, reason: 'go' });
  clock.advance(16 * SECOND);
  expect(clock.waiting).toBe(0);
  await join('ben');
  members.stop();
  expect(clock.waiting).toBe(0);
});

test('a client that breaks the protocol is told of with the reason of its code, others with their own', async () => {
  const { join, nextLeft } = await start();
  const { client } = await join('anna');
  const departure = nextLeft();
  client.send(clientFrame(FIN | RESERVED));
  expect(await departure).toEqual({ code: 1002, reason: 'the reason of 1002', violation: true });
});

test('what a member says is ignored, and counted', async () => {
  const { events, join } = await start();
  const { client } = await join('anna');
  const ignored = once(events, 'ignored');
  client.send(clientFrame(FIN | TEXT, 'hello'));
  expect(await ignored).toEqual([]);
});

test('members of an address share its budget, and are in it no more when they have left', async () => {
  const { join } = await start();
  const [anna, ben] = [await join('anna'), await join('ben')];
  const [account] = anna.member.accounts;
  expect(ben.member.accounts).toEqual([account]);
  expect(account?.members).toBe(2);
  anna.opened.close({ code: 4000, reason: 'go' });
  expect(account?.members).toBe(1);
});

test('all are sent away, members or not', async () => {
  const { members, open, join, left } = await start();
  const clients = [(await join('anna')).client, (await open()).client];
  const over = members.sendAway({ code: 1001, reason: 'bye' });
  for (const client of clients) {
    await client.until('\x88\x05\x03\xe9bye');
    client.send(clientFrame(FIN | CLOSE, Buffer.from([0x03, 0xe9])));
  }
  await over;
  expect([members.openSockets, left.length]).toEqual([0, 1]);
});
