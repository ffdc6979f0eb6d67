/** Rooms of members that a test plays, told by a delivery whose time moves by hand. */
import { Delivery, type Receiver } from '../../src/conference/delivery';
import { InFlight } from '../../src/conference/in-flight';
import { type Room, Rooms } from '../../src/conference/rooms';
import { ManualClock } from './manual-clock';

interface Heard {
  /** The delivery's turn in which it was told; 0 is that of the change itself. */
  readonly turn: number;
  readonly streams: readonly string[];
}

/** A member that a test plays. It takes every roster, unless it is told to be busy. */
export class Listener implements Receiver {
  told = 0;
  busy = false;
  readonly heard: Heard[] = [];
  readonly room: string;
  readonly streamName: string;
  readonly #take: (listener: Listener, roster: Uint8Array) => void;

  constructor(room: string, streamName: string, take: (listener: Listener, roster: Uint8Array) => void) {
    this.room = room;
    this.streamName = streamName;
    this.#take = take;
  }

  take(roster: Uint8Array): boolean {
    if (this.busy) return false;
    this.#take(this, roster);
    return true;
  }

  get last(): readonly string[] {
    return this.heard.at(-1)?.streams ?? [];
  }
}

/** Rooms whose members take a roster in so many milliseconds. */
export function story({ cost = 0, inFlight = new InFlight() } = {}) {
  const clock = new ManualClock();
  const rooms = new Rooms<Listener>();
  /** What each roster lists. */
  const rosters = new Map<Uint8Array, readonly string[]>();
  const reports: { readonly receivers: number; readonly bytes: number; readonly duration: number }[] = [];
  let telling = 0;
  let turns = 0;
  const delivery = new Delivery<Listener>({
    clock: {
      now: () => clock.now(),
      schedule: (task, delay) =>
        clock.schedule(() => {
          turns++;
          task();
        }, delay),
    },
    inFlight,
    encode: ({ streams }) => {
      const roster = new Uint8Array(1);
      rosters.set(roster, [...streams.keys()]);
      return roster;
    },
    onTold: (receivers, bytes, duration) => {
      reports.push({ receivers, bytes, duration });
      telling += duration;
    },
  });
  const listen = (room: string, name: string) =>
    new Listener(room, name, (listener, roster) => {
      listener.heard.push({ turn: turns, streams: rosters.get(roster) ?? [] });
      clock.spend(cost);
    });
  const join = (room: string, name: string) => {
    const member = listen(room, name);
    delivery.changed(rooms.join(member).room, member);
    return member;
  };
  const leave = (member: Listener) => {
    const { room } = rooms.leave(member) ?? {};
    if (room === undefined) return;
    if (room.members.size === 0) delivery.forget(room);
    else delivery.changed(room);
  };
  /** A room that is full before anybody is told. */
  const fill = (name: string, size: number) => {
    const members = Array.from({ length: size }, (_, index) => listen(name, `${name} ${index}`));
    for (const member of members) rooms.join(member);
    return members;
  };
  const roomOf = (name: string): Room<Listener> => {
    const room = rooms.get(name);
    if (room === undefined) throw new Error(`the room ${name} is empty`);
    return room;
  };
  const figures = () => ({ telling, encoded: rosters.size });
  return { clock, rooms, delivery, join, leave, fill, roomOf, figures, reports };
}
