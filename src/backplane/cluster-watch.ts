/** Knows who has which slot of a Redis Cluster: asks where that is in doubt, and now and then in any case. */
import type { Clock } from '../clock';
import type { ClusterMap } from './cluster-map';

export interface ClusterWatchParts {
  readonly clock: Clock;
  /** Milliseconds between two looks: slots may move without a word to this node. */
  readonly interval: number;
  /** @param known the last map @throws why it is not known */
  readonly ask: (known: ClusterMap | undefined) => Promise<ClusterMap>;
  /** It is another map, or the first one. */
  readonly onMap: (map: ClusterMap) => void;
}

export class ClusterWatch {
  readonly #parts: ClusterWatchParts;
  #known: ClusterMap | undefined;
  #inDoubt = true;
  #asking: Promise<void> | undefined;
  #stopWaiting: () => void = () => {};
  #stopped = false;

  constructor(parts: ClusterWatchParts) {
    this.#parts = parts;
  }

  /** A primary does not answer, or has other slots: the map may be another one. */
  doubt(): void {
    this.#inDoubt = true;
  }

  /** Asks where the map is in doubt. @throws why it is not known */
  async settle(): Promise<void> {
    if (this.#inDoubt) await this.learn();
  }

  /** Asks, once for all who want to know. @throws why it is not known */
  learn(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      this.#lookLater();
    });
    return this.#asking;
  }

  /** The same for those who do not wait: where it fails, the next look comes soon. */
  learnSoon(): void {
    this.learn().catch(() => this.doubt());
  }

  stop(): void {
    this.#stopped = true;
    this.#stopWaiting();
  }

  async #ask(): Promise<void> {
    const map = await this.#parts.ask(this.#known);
    if (this.#stopped) return;
    this.#inDoubt = false;
    if (JSON.stringify(map) === JSON.stringify(this.#known)) return;
    this.#known = map;
    this.#parts.onMap(map);
  }

  #lookLater(): void {
    this.#stopWaiting();
    if (this.#stopped) return;
    this.#stopWaiting = this.#parts.clock.schedule(() => this.learnSoon(), this.#parts.interval);
  }
}
