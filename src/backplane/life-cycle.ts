/**
 * The life of a room on this node, as states and what may follow what.
 *
 * `opening`: it is being subscribed to and read, for the first time or over a new connection; its own list may not be
 * sent. `synced`: what the others hold is known, and ours is told. `lingering`: nobody here is in it any more; it is
 * followed for a while yet. `closed`: this node has given it up. A room of the same name is another room.
 */
export type RoomState = 'opening' | 'synced' | 'lingering' | 'closed';

const MAY_FOLLOW: Readonly<Record<RoomState, readonly RoomState[]>> = {
  opening: ['synced', 'closed'],
  synced: ['opening', 'lingering', 'closed'],
  lingering: ['opening', 'synced', 'closed'],
  closed: [],
};

export class LifeCycle {
  #state: RoomState = 'opening';

  get state(): RoomState {
    return this.#state;
  }

  /** @returns whether it may be: where it may not, nothing has changed */
  enter(next: RoomState): boolean {
    if (!MAY_FOLLOW[this.#state].includes(next)) return false;
    this.#state = next;
    return true;
  }
}
