/** Rooms of a node over a connection that does nothing, and all that they do. */
import type { Connection } from '../../src/backplane/connection';
import { Keys } from '../../src/backplane/keys';
import { LamportClock } from '../../src/backplane/lamport-clock';
import { defaultSizes } from '../../src/backplane/list-writer';
import { MovableRoom } from '../../src/backplane/movable-room';
import type { RoomOwner } from '../../src/backplane/shared-room';
import { defaultTiming } from '../../src/backplane/timing';
import { ManualClock } from './manual-clock';

export function observed() {
  const clock = new ManualClock();
  const done: string[] = [];
  /** What a store replies: whether Redis had no list of ours. */
  const link = { isUp: true, stored: 1 };
  const connection: Connection = {
    lost: new Promise(() => {}),
    destroy: () => done.push('destroy'),
    subscribe: async () => {},
    unsubscribe: async () => {},
    readHash: async () => ({}),
    run: async () => {
      done.push('run');
      return link.stored;
    },
    evictionPolicy: async () => undefined,
  };
  const owner: RoomOwner = {
    self: 'self',
    clock,
    timing: defaultTiming,
    sizes: defaultSizes,
    stamps: new LamportClock(),
    connection: () => (link.isUp ? connection : undefined),
    format: () => 2,
    mostThatCanBe: () => 1_000,
    nextVersion: () => 1,
    versionSeen: (version) => done.push(`versionSeen ${version}`),
    changed: () => done.push('changed'),
    newcomer: () => done.push('newcomer'),
    missed: () => done.push('missed'),
    leaves: (node, grace) => done.push(`leaves ${node} ${grace}`),
    stays: (node) => done.push(`stays ${node}`),
    published: () => done.push('published'),
    propagated: () => done.push('propagated'),
    deserted: () => done.push('deserted'),
    refused: () => done.push('refused'),
  };
  const newRoom = (name = 'room') => new MovableRoom(name, new Keys('p').room(name), owner);
  return { clock, connection, done, link, newRoom };
}

/** A connection that replies as told, and what it is asked. */
export function scripted(reply: () => unknown) {
  const { connection, clock, newRoom } = observed();
  const asked: unknown[] = [];
  connection.run = async (_script, itsKeys, args) => {
    asked.push([...itsKeys, ...args]);
    return reply();
  };
  connection.destroy = ({ message }) => asked.push(message);
  return { connection, clock, newRoom, asked };
}
