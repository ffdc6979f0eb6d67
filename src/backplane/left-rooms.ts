/**
 * Rooms that this node has given up lately. A replica of Redis that was promoted may know less than its primary did,
 * and so list us in them again: after each new connection that is taken back.
 */
import type { RoomKeys } from './keys';

/** Milliseconds that a replica may lag behind, and rooms that are remembered at most. */
const LAG = 60_000;
const MOST = 10_000;

export class LeftRooms {
  /** The longest ago comes first. */
  readonly #rooms = new Map<string, { readonly keys: RoomKeys; readonly at: number }>();

  add(name: string, keys: RoomKeys, now: number): void {
    this.#rooms.delete(name);
    this.#rooms.set(name, { keys, at: now });
    for (const [oldest, { at }] of this.#rooms) {
      if (this.#rooms.size <= MOST && now - at <= LAG) break;
      this.#rooms.delete(oldest);
    }
  }

  /** It is held again. */
  remove(name: string): void {
    this.#rooms.delete(name);
  }

  recent(now: number): RoomKeys[] {
    return [...this.#rooms.values()].filter(({ at }) => now - at <= LAG).map(({ keys }) => keys);
  }
}
