/** Who may wait for the backend, shared out by address: a crowd from one address keeps nobody else from waiting. */
import { countedAs, type Share } from '../../listening/networks';

/** A place that a client has. */
export interface Place {
  /** Aborted when another address needs the place more. */
  readonly lost: AbortSignal;
  /** Gives it back; does nothing where it is lost. */
  leave(): void;
}

interface Holder {
  readonly shares: readonly Share[];
  readonly place: AbortController;
}

/** An address or a network, and who has places there; the newest is the last. */
interface Group {
  readonly times: number;
  readonly holders: Set<Holder>;
}

export class Places {
  readonly #most: number;
  readonly #groups = new Map<string, Group>();
  readonly #holders = new Set<Holder>();

  /** @param most clients that may wait at a time */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * A place for a client from this address, or undefined where there is none. Where all are taken, the newest
   * of the address that has the most loses its own, if that address still has no fewer than the newcomer's then.
   * A /48 network of IPv6 counts as an address, too, with a sixteenth of what it has.
   */
  take(address: string): Place | undefined {
    const shares = countedAs(address);
    if (this.#holders.size >= this.#most && !this.#makeRoomFor(shares)) return undefined;
    const holder: Holder = { shares, place: new AbortController() };
    for (const share of shares) this.#group(share).holders.add(holder);
    this.#holders.add(holder);
    return { lost: holder.place.signal, leave: () => this.#leave(holder) };
  }

  #group({ key, times }: Share): Group {
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group = { times, holders: new Set<Holder>() };
    this.#groups.set(key, group);
    return group;
  }

  #makeRoomFor(shares: readonly Share[]): boolean {
    const richest = [...this.#groups.values()].reduce((most, next) =>
      withOneLess(next) > withOneLess(most) ? next : most,
    );
    const newest = [...richest.holders].at(-1);
    if (newest === undefined || withOneLess(richest) < this.#withOneMore(shares)) return false;
    this.#leave(newest);
    newest.place.abort();
    return true;
  }

  #withOneMore(shares: readonly Share[]): number {
    return Math.max(...shares.map(({ key, times }) => (this.#held(key) + 1) / times));
  }

  #held(key: string): number {
    return this.#groups.get(key)?.holders.size ?? 0;
  }

  #leave(holder: Holder): void {
    if (!this.#holders.delete(holder)) return;
    for (const { key } of holder.shares) {
      const group = this.#groups.get(key);
      group?.holders.delete(holder);
      if (group?.holders.size === 0) this.#groups.delete(key);
    }
  }
}

/** What a group would have of its share with one place less. */
function withOneLess({ times, holders }: Group): number {
  return (holders.size - 1) / times;
}
