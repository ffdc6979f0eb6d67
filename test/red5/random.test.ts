/**
 * Everything at random: people publish and stop, sockets come and go, hints are lost, doubled, late and swapped, an
 * operator removes streams, the server goes away and comes back. After quiet, every roster is the truth. A seed in SEED replays a failure.
 */

import type { TestClient } from '../helpers/client';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { SeededRandom } from '../helpers/random';
import { Red5 } from '../helpers/red5';
import { pass, type Red5Host, settle, startRed5Host } from '../helpers/red5-host';

const SEEDS = process.env.SEED === undefined ? [1, 2] : [Number(process.env.SEED)];
const ROOMS = ['a', 'b', 'a/c'];
const NAMES = ['anna', 'ben', 'carl', 'obs', 'cam'];
const STEPS = 150;
/** Seconds after which all is as it is: 15 s for the last socket, a question, and a second look. */
const QUIET = 23;

interface World {
  readonly random: SeededRandom;
  readonly red5: Red5;
  readonly host: Red5Host;
  readonly sockets: Map<TestClient, { readonly room: string; readonly name: string }>;
  /** Hints that are late. */
  readonly late: (() => Promise<number>)[];
}

async function step(world: World): Promise<void> {
  const { random, red5, host, sockets, late } = world;
  const room = random.pick(ROOMS);
  const name = random.pick(NAMES);
  const path = `live/${room}/${name}`;
  const dice = random.next();
  if (dice < 0.5) {
    const isLive = red5.live(room).includes(name);
    if (isLive) red5.unpublish(path);
    else red5.publish(path);
    await hint(world, () => (isLive ? host.unpublished(path) : host.published(path)));
  } else if (dice < 0.75) {
    const client = host.join(room, name);
    sockets.set(client, { room, name });
    await client.next();
  } else if (dice < 0.9 && sockets.size > 0) {
    const client = random.pick([...sockets.keys()]);
    sockets.delete(client);
    await client.leave();
  } else if (dice < 0.92) {
    await remove(world, room, name);
  } else if (dice < 0.94) {
    await red5.down();
    await pass(host.clock, red5, random.below(8));
    await red5.up();
  } else {
    // Swapped: the last of them comes first.
    for (const tell of late.splice(0).reverse()) await tell();
  }
  await pass(host.clock, red5, random.below(40) / 20);
}

async function remove({ host, sockets }: World, room: string, name: string): Promise<void> {
  const query = new URLSearchParams({ room, streamName: name });
  await ask(host.port, `/api/stream?${query}`, { method: 'DELETE' });
  for (const [client, socket] of sockets) {
    if (socket.room === room && socket.name === name) sockets.delete(client);
  }
}

async function hint({ random, late }: World, tell: () => Promise<number>): Promise<void> {
  const dice = random.next();
  if (dice < 0.2) return;
  if (dice < 0.4) late.push(tell);
  else await tell();
  if (dice > 0.8) await tell();
}

/** What every member of a room should have heard last. */
function truth({ red5, sockets }: World, room: string, roster: 'live' | 'both'): string[] {
  const live = red5.live(room);
  if (roster === 'both') return live.sort();
  const held = [...sockets.values()].filter((socket) => socket.room === room).map(({ name }) => name);
  return [...new Set(held)].filter((name) => live.includes(name)).sort();
}

describe.each(SEEDS)('with seed %i', (seed) => {
  test.each([
    ['standalone', 'live', true],
    ['standalone', 'both', false],
    ['streamManager', 'live', false],
    ['streamManager', 'both', true],
  ] as const)('and a server asked as %s, ROSTER=%s', async (how, roster, forgetsRooms) => {
    const red5 = await Red5.start();
    red5.forgetsRooms = forgetsRooms;
    const host = await startRed5Host({ ...red5[how], roster, adminToken: ADMIN_TOKEN });
    const world: World = { random: new SeededRandom(seed), red5, host, sockets: new Map(), late: [] };
    for (const room of ROOMS) {
      red5.publish(`live/${room}/obs`);
      const client = host.join(room, 'witness');
      world.sockets.set(client, { room, name: 'witness' });
    }
    await pass(host.clock, red5, 1);
    for (let count = 0; count < STEPS; count++) await step(world);
    for (const room of ROOMS) {
      const client = host.join(room, 'observer');
      world.sockets.set(client, { room, name: 'observer' });
      await client.next();
    }
    await pass(host.clock, red5, QUIET);
    await settle(red5);
    for (const [client, { room, name }] of world.sockets) {
      const [last] = client.unread().slice(-1);
      const told: string[] = last === undefined ? [] : JSON.parse(last).streams;
      expect([name, room, [...told].sort()]).toEqual([name, room, truth(world, room, roster)]);
      expect(told).toEqual(host.host.roster(room));
    }
  });
});
