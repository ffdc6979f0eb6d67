/** What all nodes tell those who look on: asked once a second for all of them together, while there is anybody. */
import type { Asking } from './cluster/asking';
import type { Census, Cluster } from './cluster/cluster';
import { KeptHappenings } from './kept-happenings';
import type { Sampler } from './sampler';
import type { Feed, Happening, Totals } from './shapes';

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
  #kept = new KeptHappenings();
  /** Happenings that no reader will see. */
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
        const fresh = isFirst ? this.#kept.latest(room) : this.#kept.after(read);
        const missed = isFirst ? 0 : this.#kept.last - read - fresh.length + this.#skipped - skipped;
        isFirst = false;
        read = this.#kept.last;
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
    for (const happening of fresh.sort((a, b) => a.time - b.time)) this.#kept.add(happening);
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

  /** Nobody looks on: whoever comes next gets the latest of each node. */
  #forget(): void {
    this.#kept = new KeptHappenings();
    this.#last = {};
    this.#countAgainAt = 0;
  }
}
