/** A host, the networks to it, and the sockets of its pages, all by the timers that a test plays. */
import type { WebSocketLike } from '../../src/client/index';
import type { SeededRandom } from './random';

/** Milliseconds after which a host drops a peer that shows no life. */
const HEARTBEAT = 26_000;
const SLOWEST = 300;
const BEAT = 15_000;
/** Milliseconds within which those come back who were told goodbye. */
const LATEST_BACK = 3_000;

export class FakeRoomHost {
  readonly #random: SeededRandom;
  readonly #speaksPlain: boolean;
  readonly #sockets = new Set<PageSocket>();
  #streams: readonly string[] = [];
  #seq = 0;
  #isUp = true;

  /** @param speaksPlain plain frames only, and no beats */
  constructor(random: SeededRandom, speaksPlain: boolean) {
    this.#random = random;
    this.#speaksPlain = speaksPlain;
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
    if (!this.#isUp) return false;
    const others = [...this.#sockets];
    this.#sockets.add(socket);
    this.#tell(others);
    socket.hear(
      this.#speaksPlain ? { room: 'room', streams: this.#streams } : { ...this.#roster(), beat: BEAT },
    );
    this.#beatLater(socket);
    return true;
  }

  dismiss(socket: PageSocket): void {
    if (this.#sockets.delete(socket)) this.#tell([...this.#sockets]);
  }

  dismissLater(socket: PageSocket): void {
    setTimeout(() => this.dismiss(socket), HEARTBEAT);
  }

  answer(socket: PageSocket, { type }: { readonly type: string }): void {
    if (type === 'beat') socket.hear({ type });
    if (type === 'roster' && this.#sockets.has(socket)) socket.hear(this.#roster());
  }

  /** Says goodbye to those who know what it means, and then lets them go one after another. */
  restart(within: number): void {
    this.#isUp = false;
    const sockets = [...this.#sockets];
    if (this.#speaksPlain) this.#sockets.clear();
    else
      for (const socket of sockets) socket.hear({ type: 'goodbye', wait: this.#random.below(LATEST_BACK) });
    for (const socket of sockets) {
      this.dismiss(socket);
      socket.end(1001);
    }
    this.#streams = [];
    setTimeout(() => {
      this.#isUp = true;
    }, within);
  }

  #roster(): object {
    return { type: 'roster', room: 'room', seq: this.#seq, streams: this.#streams };
  }

  #beatLater(socket: PageSocket): void {
    if (this.#speaksPlain) return;
    setTimeout(() => {
      if (!this.#sockets.has(socket)) return;
      socket.hear({ type: 'beat' });
      this.#beatLater(socket);
    }, BEAT);
  }

  /** Tells what has changed to those who were there before. */
  #tell(sockets: readonly PageSocket[]): void {
    const before = this.#streams;
    this.#streams = [...new Set(Array.from(this.#sockets, ({ streamName }) => streamName))];
    const left = before.filter((name) => !this.#streams.includes(name));
    const joined = this.#streams.filter((name) => !before.includes(name));
    if (left.length + joined.length > 0) this.#seq++;
    else if (!this.#speaksPlain) return;
    const frame = this.#speaksPlain
      ? { room: 'room', streams: this.#streams }
      : { type: 'changes', seq: this.#seq, left, joined };
    for (const socket of sockets) socket.hear(frame);
  }
}

export class PageSocket implements WebSocketLike {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readyState = 0;
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
      if (this.#isClosed) return;
      if (host.admit(this)) this.readyState = 1;
      else this.end(1006);
    });
  }

  hear(frame: object): void {
    const data = JSON.stringify(frame);
    this.#later(() => this.onmessage?.({ data }));
  }

  send(data: string): void {
    this.#later(() => this.#host.answer(this, JSON.parse(data)));
  }

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
