/** What all nodes tell those who look on: asked once a second for all of them together, while there is anybody. */
import type { Asking } from './cluster/asking';
import type { Census, Cluster } from './cluster/cluster';
import type { Sampler } from './sampler';
import type { Feed, Happening, Totals } from './shapes';

/** Happenings that are kept for slow readers, and those that a new reader gets. */
const KEPT = 500;
const FIRST = 100;
/** Counting all rooms takes so small a part of the time, however many there are. */
const COUNTING = 1 / 20;

export interface Reader {
  /** The next figures of the cluster: the latest at once, then one each second. */
  next(): Promise<Totals>;
  /** What has happened since the last call. */
  feed(): Feed;
  close(): void;
}

export class Watch {
  readonly #asking: Asking;
  readonly #cluster: Cluster;
  readonly #sampler: Sampler;
  readonly #readers = new Set<Reader>();
  /** Oldest first. */
  #kept: Happening[] = [];
  /** Happenings that came before the first one kept, and those that no reader will see. */
  #before = 0;
  #skipped = 0;
  /** Of each node, the number of the happening that is known last. */
  #last: Record<string, number> = {};
  #round: Promise<Totals> | undefined;
  #census: Census = { rooms: 0, streams: 0, missing: [] };
  #countAgainAt = 0;

  constructor(asking: Asking, cluster: Cluster, sampler: Sampler) {
    this.#asking = asking;
    this.#cluster = cluster;
    this.#sampler = sampler;
  }

  /** @param room hears of this room only */
  open(room: string | undefined): Reader {
    let isFirst = true;
    let read = 0;
    let skipped = 0;
    const reader: Reader = {
      next: async () => {
        if (!isFirst) await this.#sampler.next();
        this.#round ??= this.#begin();
        return this.#round;
      },
      feed: () => {
        const fresh = this.#kept.slice(isFirst ? -FIRST : Math.max(0, read - this.#before));
        const missed = isFirst ? 0 : Math.max(0, this.#before - read) + this.#skipped - skipped;
        isFirst = false;
        read = this.#before + this.#kept.length;
        skipped = this.#skipped;
        const happenings = room === undefined ? fresh : fresh.filter((happening) => happening.room === room);
        return { happenings, skipped: missed };
      },
      close: () => {
        this.#readers.delete(reader);
        if (this.#readers.size === 0) this.#forget();
      },
    };
    this.#readers.add(reader);
    return reader;
  }

  /** Who comes while it is under way, or in the same second, shares what comes of it. */
  #begin(): Promise<Totals> {
    const round = this.#ask();
    const end = async () => {
      await this.#sampler.next();
      this.#round = undefined;
    };
    round.then(end, end);
    return round;
  }

  async #ask(): Promise<Totals> {
    const [figures, news] = await Promise.all([
      this.#cluster.figures(),
      this.#asking.all('news', { after: this.#last }),
      this.#count(),
    ]);
    const fresh: Happening[] = [];
    for (const { node, answer } of news.answers) {
      this.#last[node.name] = answer.last;
      this.#skipped += answer.skipped;
      fresh.push(...answer.happenings);
    }
    this.#keep(fresh.sort((a, b) => a.time - b.time));
    return this.#cluster.sum(this.#census, figures);
  }

  async #count(): Promise<void> {
    const startedAt = performance.now();
    if (startedAt < this.#countAgainAt) return;
    this.#census = await this.#cluster.census();
    const endedAt = performance.now();
    const isWhole = this.#census.missing.length === 0;
    this.#countAgainAt = isWhole ? endedAt + (endedAt - startedAt) / COUNTING : 0;
  }

  #keep(fresh: readonly Happening[]): void {
    this.#kept.push(...fresh);
    const over = Math.max(0, this.#kept.length - KEPT);
    this.#kept.splice(0, over);
    this.#before += over;
  }

  /** Nobody looks on: whoever comes next gets the latest of each node. */
  #forget(): void {
    this.#before += this.#kept.length;
    this.#kept = [];
    this.#last = {};
    this.#countAgainAt = 0;
  }
}
