/** What happens on the host, as it happens. Reconnects when the host goes away. */
import type { Feed, Figures } from '../../shapes';
import { type Api, ApiProblem } from './api';

/** Milliseconds between two attempts. */
const RETRY = 1_000;
/** Milliseconds without an event before the connection counts as lost. Events come every second. */
const SILENCE = 2_500;

export interface LiveListener {
  onFigures(figures: Figures): void;
  onFeed(feed: Feed): void;
  /** Figures and events start anew, with the latest. */
  onConnect(): void;
  /** The host does not answer. */
  onAway(): void;
  /** The host rejects the token, or has none set; nothing more comes. */
  onRefused(problem: ApiProblem): void;
}

export class Live {
  readonly #api: Api;
  readonly #listener: LiveListener;
  #room: string | undefined;
  #connection = new AbortController();

  constructor(api: Api, listener: LiveListener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** From now on, events of this room only; undefined: of all rooms. */
  watch(room: string | undefined): void {
    if (room === this.#room) return;
    this.#room = room;
    this.#connection.abort();
  }

  /** Never ends, unless the host rejects the token. */
  async follow(): Promise<void> {
    for (;;) {
      const room = this.#room;
      try {
        await this.#read(room);
      } catch (error) {
        if (error instanceof ApiProblem && (error.status === 401 || error.status === 404)) {
          this.#listener.onRefused(error);
          return;
        }
      }
      if (room !== this.#room) continue;
      this.#listener.onAway();
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  async #read(room: string | undefined): Promise<void> {
    const connection = new AbortController();
    this.#connection = connection;
    const giveUp = () => connection.abort();
    let timer = setTimeout(giveUp, SILENCE);
    let isNew = true;
    try {
      for await (const { type, data } of this.#api.events(room, connection.signal)) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, SILENCE);
        if (isNew) this.#listener.onConnect();
        isNew = false;
        if (type === 'figures') this.#listener.onFigures(JSON.parse(data));
        else if (type === 'feed') this.#listener.onFeed(JSON.parse(data));
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
