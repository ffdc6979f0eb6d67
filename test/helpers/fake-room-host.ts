/** A host, the networks to it, and the sockets of its pages, all by the timers that a test plays. */
import type { WebSocketLike } from '../../src/client/index';
import type { SeededRandom } from './random';

/** Milliseconds after which a host drops a peer that shows no life. */
const HEARTBEAT = 26_000;
const SLOWEST = 300;

export class FakeRoomHost {
  readonly #random: SeededRandom;
  readonly #sockets = new Set<PageSocket>();
  #isUp = true;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** The class that its pages open sockets with. */
  get WebSocket(): new (
    url: string,
  ) => WebSocketLike {
    const host = this;
    const latency = () => this.#random.below(SLOWEST);
    return class extends PageSocket {
      constructor(url: string) {
        super(host, url, latency());
      }
    };
  }

  /** Those of the sockets that a test picks, in the order in which they joined. */
  some(share: number): PageSocket[] {
    return [...this.#sockets].filter(() => this.#random.next() < share);
  }

  admit(socket: PageSocket): boolean {
    if (this.#isUp) {
      this.#sockets.add(socket);
      this.#tellAll();
    }
    return this.#isUp;
  }

  dismiss(socket: PageSocket): void {
    if (this.#sockets.delete(socket)) this.#tellAll();
  }

  dismissLater(socket: PageSocket): void {
    setTimeout(() => this.dismiss(socket), HEARTBEAT);
  }

  restart(within: number): void {
    this.#isUp = false;
    for (const socket of this.#sockets) socket.end(1001);
    this.#sockets.clear();
    setTimeout(() => {
      this.#isUp = true;
    }, within);
  }

  #tellAll(): void {
    const streams = [...new Set(Array.from(this.#sockets, ({ streamName }) => streamName))];
    const frame = JSON.stringify({ room: 'room', streams });
    for (const socket of this.#sockets) socket.hear(frame);
  }
}

export class PageSocket implements WebSocketLike {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly streamName: string;
  readonly #host: FakeRoomHost;
  readonly #latency: number;
  /** Nothing passes any more, in either direction. */
  #isMute = false;
  #isClosed = false;

  constructor(host: FakeRoomHost, url: string, latency: number) {
    this.#host = host;
    this.#latency = latency;
    this.streamName = decodeURIComponent(/streamName=([^&]*)/.exec(url)?.[1] ?? '');
    this.#later(() => {
      if (!this.#isClosed && !host.admit(this)) this.end(1006);
    });
  }

  hear(data: string): void {
    this.#later(() => this.onmessage?.({ data }));
  }

  send(): void {}

  /** The page closes it. */
  close(): void {
    this.#isClosed = true;
    this.#later(() => this.#host.dismiss(this));
  }

  /** The host closes it. */
  end(code: number): void {
    this.#later(() => this.onclose?.({ code, reason: '' }));
  }

  /** The page sees its end; the host does not. */
  cut(): void {
    this.goMute();
    this.onclose?.({ code: 1006, reason: '' });
  }

  goMute(): void {
    this.#isMute = true;
    this.#host.dismissLater(this);
  }

  #later(what: () => void): void {
    setTimeout(() => {
      if (!this.#isMute) what();
    }, this.#latency);
  }
}
