/** A WebSocket that a test plays the host of. */
import type { WebSocketLike } from '../../src/client/index';

export class FakeSocket implements WebSocketLike {
  static readonly all: FakeSocket[] = [];
  readonly url: string;
  readonly protocols: readonly string[];
  readyState = 0;
  closed = false;
  /** The code that it was closed with. */
  code: number | undefined;
  /** What the page has sent. */
  readonly sent: unknown[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(url: string, protocols: readonly string[] = []) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  /** The socket that was opened as the first, second, …: from 0. */
  static at(index: number): FakeSocket {
    const found = FakeSocket.all[index];
    if (found === undefined) throw new Error(`only ${FakeSocket.all.length} sockets were opened`);
    return found;
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(code?: number): void {
    this.closed = true;
    this.code = code;
  }

  /** A plain roster. */
  hear(...streams: string[]): void {
    this.hearFrame({ room: 'room', streams });
  }

  /** The first roster of a host that speaks `conference.2`. */
  hearFirst(streams: readonly string[], more: object = {}): void {
    this.hearFrame({ type: 'roster', room: 'room', seq: 1, streams, beat: 15_000, ...more });
  }

  /** Its handshake is done. */
  open(): void {
    this.readyState = 1;
  }

  hearFrame(frame: object): void {
    this.open();
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  lose(code: number): void {
    this.onclose?.({ code, reason: 'why' });
  }
}
