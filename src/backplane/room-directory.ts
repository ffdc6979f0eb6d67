/** The rooms of this node, by name and by channel. A room is itself: another one of its name is another room. */
import type { MovableRoom } from './movable-room';
import type { SharedRoom } from './shared-room';

export class RoomDirectory {
  readonly #byName = new Map<string, MovableRoom>();
  readonly #byChannel = new Map<string, MovableRoom>();

  get all(): ReadonlyMap<string, MovableRoom> {
    return this.#byName;
  }

  get(name: string): MovableRoom | undefined {
    return this.#byName.get(name);
  }

  onChannel(channel: string): MovableRoom | undefined {
    return this.#byChannel.get(channel);
  }

  /** The rooms in which this node has members, and the streams that it holds in them. */
  held(): { rooms: number; streams: number } {
    let rooms = 0;
    let streams = 0;
    for (const { replica } of this.#byName.values()) {
      if (replica.own.size > 0) rooms++;
      streams += replica.own.size;
    }
    return { rooms, streams };
  }

  add(room: MovableRoom): void {
    this.#byName.set(room.name, room);
    this.#byChannel.set(room.keys.channel, room);
  }

  /** @returns whether it was there: one that has taken its name stays */
  remove(room: SharedRoom): boolean {
    if (this.#byName.get(room.name) !== room) return false;
    this.#byName.delete(room.name);
    this.#byChannel.delete(room.keys.channel);
    return true;
  }
}
