/**
 * Rests of large rooms. A room in which everybody was told a moment ago waits before it tells the next changes: a crowd
 * that comes within a second costs a fraction of the rosters, and nobody sees a tenth of a second. Pure, but for the clock.
 */
import type { Clock } from '../clock';
import type { Member, Room } from './rooms';
import type { Telling } from './telling';

/** How many times as long as its telling took a room rests, and the milliseconds that it rests at most. */
export const REST = 10;
export const LONGEST_REST = 100;

export class Rests<M extends Member & { told: number }> {
  readonly #clock: Clock;
  readonly #onOver: (telling: Telling<M>) => void;
  readonly #until = new WeakMap<Room<M>, number>();
  /** What waits for the end of its room's rest. */
  readonly #waiting = new Map<Room<M>, { readonly telling: Telling<M>; readonly cancel: () => void }>();

  /** @param onOver the room of something that waits has rested */
  constructor(clock: Clock, onOver: (telling: Telling<M>) => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  /** What waits for the end of this room's rest; undefined where nothing does. */
  get(room: Room<M>): Telling<M> | undefined {
    return this.#waiting.get(room)?.telling;
  }

  /** All members of a room have been told. @param cost milliseconds that it took */
  begin(room: Room<M>, cost: number): void {
    this.#until.set(room, this.#clock.now() + Math.min(LONGEST_REST, REST * cost));
  }

  /** @returns whether the room rests: then this waits */
  hold(telling: Telling<M>): boolean {
    const { room } = telling;
    const left = (this.#until.get(room) ?? 0) - this.#clock.now();
    if (left <= 0) return false;
    const cancel = this.#clock.schedule(() => {
      this.#waiting.delete(room);
      this.#onOver(telling);
    }, left);
    this.#waiting.set(room, { telling, cancel });
    return true;
  }

  /** Nothing waits for this room any more. */
  forget(room: Room<M>): void {
    this.#waiting.get(room)?.cancel();
    this.#waiting.delete(room);
  }

  clear(): void {
    for (const room of this.#waiting.keys()) this.forget(room);
  }
}
