/** Who may wait for the backend, shared out by address: a crowd from one address keeps nobody else from waiting. */
import { limitKey } from '../../listening/networks';

/** A place that a client has. */
export interface Place {
  /** Aborted when another address needs the place more. */
  readonly lost: AbortSignal;
  /** Gives it back; does nothing where it is lost. */
  leave(): void;
}

export class Places {
  readonly #most: number;
  /** Who has places, by address; the newest is the last. */
  readonly #taken = new Map<string, AbortController[]>();
  #count = 0;

  /** @param most clients that may wait at a time */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * A place for a client from this address, or undefined where there is none. Where all are taken, the newest
   * of the address that has the most loses its own, if that address still has no fewer than the newcomer's then.
   */
  take(address: string): Place | undefined {
    const key = limitKey(address);
    if (this.#count >= this.#most && !this.#makeRoomFor(key)) return undefined;
    const place = new AbortController();
    const own = this.#taken.get(key);
    if (own === undefined) this.#taken.set(key, [place]);
    else own.push(place);
    this.#count++;
    return { lost: place.signal, leave: () => this.#leave(key, place) };
  }

  #makeRoomFor(key: string): boolean {
    const [richest, places] = [...this.#taken].reduce((most, next) =>
      next[1].length > most[1].length ? next : most,
    );
    const newest = places.at(-1);
    if (newest === undefined || places.length < this.#held(key) + 2) return false;
    this.#leave(richest, newest);
    newest.abort();
    return true;
  }

  #held(key: string): number {
    return this.#taken.get(key)?.length ?? 0;
  }

  #leave(key: string, place: AbortController): void {
    const places = this.#taken.get(key) ?? [];
    const index = places.indexOf(place);
    if (index < 0) return;
    places.splice(index, 1);
    this.#count--;
    if (places.length === 0) this.#taken.delete(key);
  }
}
