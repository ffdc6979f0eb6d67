/** Rooms that Redis refuses, for what one of their keys holds: they are tried again, and harm no others. */
import type { Clock } from '../clock';
import type { Logger } from '../logging/events';
import type { KeyRefusal } from './connection';
import { explain } from './problems';
import type { SharedRoom } from './shared-room';

export interface SetAsideParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds until a room is tried again. */
  readonly pause: number;
  readonly retry: (room: SharedRoom) => void;
}

export class SetAside {
  readonly #parts: SetAsideParts;
  /** What cancels the next try of a room. */
  readonly #waiting = new Map<SharedRoom, () => void>();
  /** Rooms whose trouble was told. */
  readonly #told = new Set<SharedRoom>();

  constructor(parts: SetAsideParts) {
    this.#parts = parts;
  }

  add(room: SharedRoom, error: KeyRefusal): void {
    const { clock, logger, pause, retry } = this.#parts;
    if (room.isClosed || this.#waiting.has(room)) return;
    room.reopen();
    this.#waiting.set(
      room,
      clock.schedule(() => {
        this.#waiting.delete(room);
        retry(room);
      }, pause),
    );
    if (this.#told.has(room)) return;
    this.#told.add(room);
    const { why, remedy } = explain(error);
    logger.error({ key: error.key, why, remedy }, 'a room is not shared with the other nodes: retrying');
  }

  /** Redis has taken what the room needs. */
  works(room: SharedRoom): void {
    if (!this.#told.delete(room)) return;
    this.#parts.logger.info({ key: room.keys.hash }, 'the room is shared with the other nodes again');
  }

  remove(room: SharedRoom): void {
    this.#waiting.get(room)?.();
    this.#waiting.delete(room);
    this.#told.delete(room);
  }

  /** The link is lost: the next one tries them all. */
  clear(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }
}
