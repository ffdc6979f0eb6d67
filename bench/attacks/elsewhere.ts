/** The well-behaved, in a process of their own and at an address of their own: they join, stay, and listen. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { joinTarget } from '../../test/helpers/join-target';
import { serve } from '../actor';
import { Meter } from '../meter';
import type { Ground } from '../strangers/ground';

/** One attempt to join. */
export interface Joining {
  /** Milliseconds until its first roster; undefined where it did not come within the patience. */
  readonly own: number | undefined;
  /** Milliseconds until all who were in the room heard of it. */
  readonly seen: number | undefined;
}

interface Member {
  readonly ws: WebSocket;
  streams: ReadonlySet<string>;
  dropped: boolean;
}

const stayers: Member[] = [];
const received = new Meter();
let lastName = 0;
const heard: () => void = () => {};

export const elsewhereTasks = {
  /** Members come into a room and stay. */
  async stay({ ground, room, count, rate }: Stay): Promise<void> {
    for (let index = 0; index < count; index++) {
      const name = nameOf();
      stayers.push(enter(ground, room, name));
      await sleep(1_000 / rate);
    }
  },

  /** Somebody joins and goes again, over and over. */
  async joins({ ground, room, count, interval, patience }: Joins): Promise<Joining[]> {
    const joinings: Promise<Joining>[] = [];
    for (let index = 0; index < count; index++) {
      joinings.push(join(ground, room, patience));
      await sleep(interval);
    }
    return Promise.all(joinings);
  },

  /** One of those who stay goes and another comes, so many times a second. */
  async churn({ ground, room, rate, seconds }: Churn): Promise<void> {
    const over = performance.now() + seconds * 1_000;
    while (performance.now() < over) {
      stayers.shift()?.ws.terminate();
      await sleep(1_000 / rate);
      stayers.push(enter(ground, room, nameOf()));
      await sleep(1_000 / rate);
    }
  },

  /** How many of those who stay were dropped. */
  dropped: () => stayers.filter(({ dropped }) => dropped).length,

  /** Bytes that those who stay have received so far. */
  trace: () => received.trace,

  /** Ports of the connections that are open. */
  ports: () =>
    stayers.flatMap(({ ws }) => (ws.readyState === WebSocket.OPEN ? [socketOf(ws).localPort] : [])),

  ask: ({ ground, target, token }: Asking): Promise<string> =>
    new Promise((resolve, reject) => {
      const { headers, ...where } = ground;
      const authorization = `Bearer ${token}`;
      get({ ...where, path: target, headers: { ...headers, authorization } }, async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve(body);
      }).on('error', reject);
    }),
};

export type ElsewhereTasks = typeof elsewhereTasks;

interface Stay {
  readonly ground: Ground;
  readonly room: string;
  readonly count: number;
  /** Joins a second. */
  readonly rate: number;
}

interface Joins {
  readonly ground: Ground;
  readonly room: string;
  readonly count: number;
  /** Milliseconds from one attempt to the next. */
  readonly interval: number;
  /** Milliseconds that a join may take. */
  readonly patience: number;
}

interface Churn extends Pick<Stay, 'ground' | 'room' | 'rate'> {
  readonly seconds: number;
}

interface Asking {
  readonly ground: Ground;
  readonly target: string;
  readonly token: string;
}

function enter(ground: Ground, room: string, name: string): Member {
  const { host, port, localAddress, headers } = ground;
  const url = `ws://${host}:${port}${joinTarget(room, name)}`;
  const ws = new WebSocket(url, { localAddress, headers: { ...headers }, perMessageDeflate: false });
  const member: Member = { ws, streams: new Set(), dropped: false };
  ws.on('error', () => {});
  ws.on('upgrade', ({ socket }) => socket.on('data', ({ length }: Buffer) => received.add(length)));
  ws.on('message', (data) => {
    member.streams = new Set(JSON.parse(data.toString()).streams);
    heard();
  });
  ws.on('close', () => {
    member.dropped = true;
  });
  return member;
}

async function join(ground: Ground, room: string, patience: number): Promise<Joining> {
  const name = nameOf();
  const startedAt = performance.now();
  const member = enter(ground, room, name);
  const time = async (isTrue: () => boolean) => {
    while (!isTrue() && performance.now() - startedAt < patience) await sleep(2);
    return isTrue() ? performance.now() - startedAt : undefined;
  };
  const own = time(() => member.streams.has(name));
  const seen = time(() => stayers.every(({ streams, dropped }) => dropped || streams.has(name)));
  const joining = { own: await own, seen: await seen };
  member.ws.terminate();
  return joining;
}

/** As people and pages choose them: 12 to 20 characters. */
function nameOf(): string {
  lastName++;
  return `participant-${lastName}`.padEnd(12 + (lastName % 9), 'x');
}

function socketOf(ws: WebSocket): import('node:net').Socket {
  return (ws as unknown as { _socket: import('node:net').Socket })._socket;
}

serve(elsewhereTasks);
