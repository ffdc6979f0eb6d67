/** A client that reads every roster as it comes, and keeps what a test of many nodes asks for. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { joinTarget } from './join-target';

export class Watcher {
  readonly room: string;
  readonly name: string;
  /** The roster that came last. */
  streams: readonly string[] = [];
  /** Names that no roster may lack from now on, with what was lacking when. */
  readonly expected = new Set<string>();
  readonly missed: string[] = [];
  readonly #ws: WebSocket;
  #onRoster: () => void = () => {};

  private constructor(url: string, room: string, name: string, onRoster: () => void) {
    this.room = room;
    this.name = name;
    this.#ws = new WebSocket(`${url}${joinTarget(room, name)}`);
    this.#ws.on('error', () => {});
    this.#ws.on('message', (data) => {
      this.streams = JSON.parse(data.toString()).streams;
      const listed = new Set(this.streams);
      for (const name of this.expected) {
        if (!listed.has(name)) this.missed.push(`${name} in ${JSON.stringify(this.streams)}`);
      }
      this.#onRoster();
      onRoster();
    });
  }

  /** Joins, and is there when the socket is open. */
  static async join(url: string, room: string, name: string, onRoster: () => void): Promise<Watcher> {
    const watcher = new Watcher(url, room, name, onRoster);
    await once(watcher.#ws, 'open');
    return watcher;
  }

  /** Waits for a roster of exactly these streams, in this order. */
  async until(...streams: string[]): Promise<void> {
    const wanted = JSON.stringify(streams);
    while (JSON.stringify(this.streams) !== wanted) {
      await new Promise<void>((resolve) => {
        this.#onRoster = resolve;
      });
    }
  }

  /** Settles with the close code. */
  async closed(): Promise<number> {
    if (this.#ws.readyState === WebSocket.CLOSED) return 1006;
    const [code] = await once(this.#ws, 'close');
    return code;
  }

  async leave(): Promise<void> {
    this.#ws.close(1000);
    await this.closed();
  }

  terminate(): void {
    this.#ws.terminate();
  }
}
