/** Everything that attackers do. Each attack ends by itself; connections that it leaves stay until all attacks stop. */
import { joinTarget } from '../../test/helpers/join-target';
import { handshakeFor } from '../../test/helpers/raw-client';
import { badFrames, badRequests } from './bad-bytes';
import { clientFrame } from './frames';
import { Intruder } from './intruder';
import type { Random } from './random';
import { ROOMS } from './rooms';

/** What an attack works with. */
export interface Scene {
  readonly port: number;
  readonly random: Random;
  /** All attacks are to end. */
  readonly over: boolean;
  pause(milliseconds: number): Promise<void>;
}

export type Attack = (scene: Scene) => Promise<unknown>;

const MIB = 1024 * 1024;
/** Milliseconds that a flood lasts, over as many connections as the server ends meanwhile. */
const FLOOD_TIME = 1_500;
/** Milliseconds until a flooder that was thrown out comes back. */
const COME_BACK = 100;
/** Characters of a name that makes rosters large: 235 bytes of UTF-8. */
const LONG_NAME = 120;

const [TEXT, CONTINUATION, PING, PONG] = [0x81, 0x00, 0x89, 0x8a];
const OPEN_TEXT = 0x01;
const BULK = Buffer.alloc(64 * 1024, 0x61);

/** Attackers join the crowd's rooms, under names that are all different. */
let lastIntruder = 0;
const nameOf = () => `x-${++lastIntruder}`;

export const attacks: Readonly<Record<string, Attack>> = {
  'malformed frames': ({ port, random }) =>
    forEachOf(Object.values(badFrames), async (bytes) => {
      const intruder = await Intruder.join(port, random.pick(ROOMS), nameOf());
      await intruder.send(bytes);
      await intruder.send(clientFrame(TEXT, 'and on'));
      if (random.chance(50)) intruder.socket.end();
    }),

  'bad requests': ({ port, random }) =>
    forEachOf(Object.values(badRequests), async (bytes) => {
      const intruder = await Intruder.connect(port);
      await intruder.send(bytes);
      if (random.chance(30)) intruder.reset();
    }),

  'endless fragments': (scene) => {
    const fragments = clientFrame(CONTINUATION, 'a');
    return flood(scene, Buffer.concat([clientFrame(OPEN_TEXT, 'a'), ...Array(500).fill(fragments)]));
  },
  'empty fragments': (scene) => {
    const fragments = clientFrame(CONTINUATION);
    return flood(scene, Buffer.concat([clientFrame(OPEN_TEXT), ...Array(500).fill(fragments)]));
  },
  'tiny frames': (scene) => flood(scene, repeat(clientFrame(TEXT, 'a'), 5_000)),
  'empty frames': (scene) => flood(scene, repeat(clientFrame(TEXT), 10_000)),
  'large frames': (scene) => flood(scene, repeat(clientFrame(TEXT, Buffer.alloc(4096, 0x61)), 16)),
  pings: (scene) => flood(scene, repeat(clientFrame(PING, 'p'), 5_000)),
  'large pings': (scene) => flood(scene, repeat(clientFrame(PING, Buffer.alloc(125, 0x61)), 500)),
  pongs: (scene) => flood(scene, repeat(clientFrame(PONG), 5_000)),

  'a byte at a time': async (scene) => {
    const intruder = await Intruder.connect(scene.port);
    const bytes = Buffer.concat([
      Buffer.from(handshakeFor(joinTarget(scene.random.pick(ROOMS), nameOf()))),
      repeat(clientFrame(TEXT, 'slow'), 100),
    ]);
    for (const byte of bytes) {
      await intruder.send(Buffer.from([byte]));
      if (intruder.gone || scene.over) return;
    }
  },

  'messages of 100 MiB': ({ port, random }) =>
    inParallel(4, async () => {
      const intruder = await Intruder.join(port, random.pick(ROOMS), nameOf());
      await intruder.send(clientFrame(TEXT, '', BigInt(100 * MIB)));
      for (let sent = 0; sent < 100 * MIB && !intruder.gone; sent += BULK.length) await intruder.send(BULK);
    }),
  'messages of 100 MiB in fragments': ({ port, random }) =>
    inParallel(4, async () => {
      const intruder = await Intruder.join(port, random.pick(ROOMS), nameOf());
      const [first, next] = [
        clientFrame(OPEN_TEXT, '', BigInt(MIB)),
        clientFrame(CONTINUATION, '', BigInt(MIB)),
      ];
      for (let sent = 0; sent < 100 && !intruder.gone; sent++) {
        await intruder.send(sent === 0 ? first : next);
        await intruder.send(Buffer.alloc(MIB, 0x61));
      }
    }),
  'unfinished messages of 99 MiB': (scene) =>
    inParallel(20, async () => {
      const intruder = await Intruder.join(scene.port, scene.random.pick(ROOMS), nameOf());
      await intruder.send(clientFrame(TEXT, '', BigInt(99 * MIB)));
      await intruder.send(BULK);
      await scene.pause(1_000);
    }),

  'half-open upgrades': async (scene) => {
    const unfinished = handshakeFor(joinTarget(scene.random.pick(ROOMS), nameOf()));
    await inParallel(500, async () => {
      const intruder = await Intruder.connect(scene.port);
      await intruder.send(unfinished.slice(0, scene.random.below(unfinished.length - 1)));
    });
    await scene.pause(2_000);
  },

  resets: ({ port, random }) =>
    inParallel(100, async () => {
      const upgrade = handshakeFor(joinTarget(random.pick(ROOMS), nameOf()));
      const intruder = new Intruder(port);
      const stage = random.below(4);
      if (stage > 0) intruder.socket.write(upgrade.slice(0, stage === 1 ? 40 : undefined));
      intruder.socket.once('connect', () => {
        if (stage === 3) setImmediate(() => intruder.reset());
        else intruder.reset();
      });
    }),

  'readers that never read': async (scene) => {
    const room = `herd ${nameOf()}`;
    const deaf = await inParallel(10, () => Intruder.join(scene.port, room, longName()));
    for (const { socket } of deaf) socket.pause();
    for (let wave = 0; wave < 3 && !scene.over; wave++) {
      const herd = await inParallel(80, () => Intruder.join(scene.port, room, longName()));
      await scene.pause(300);
      for (const intruder of herd) intruder.hangUp();
    }
  },

  'a herd of 200': async (scene) => {
    const room = scene.random.pick(ROOMS);
    const herd = await inParallel(200, () => Intruder.join(scene.port, room, longName()));
    await scene.pause(500);
    for (const intruder of herd) intruder.reset();
  },
};

function longName(): string {
  return nameOf().padEnd(LONG_NAME, 'é');
}

/** Four flooders send the same bytes again and again, and come back when they are thrown out. */
async function flood(scene: Scene, bytes: Buffer): Promise<void> {
  const until = performance.now() + FLOOD_TIME;
  await inParallel(4, async () => {
    while (performance.now() < until && !scene.over) {
      const intruder = await Intruder.join(scene.port, scene.random.pick(ROOMS), nameOf());
      while (!intruder.gone && performance.now() < until && !scene.over) await intruder.send(bytes);
      intruder.hangUp();
      await scene.pause(COME_BACK);
    }
  });
}

function repeat(frame: Buffer, count: number): Buffer {
  return Buffer.concat(Array<Buffer>(count).fill(frame));
}

async function forEachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(items.map(run));
}

function inParallel<T>(count: number, run: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, run));
}
