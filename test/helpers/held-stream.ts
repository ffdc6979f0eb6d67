/** A socket's stream that takes what is written when the test says so. */
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

export class HeldStream extends Duplex {
  /** While it is, nothing is taken. */
  isHeld = false;
  /** What was taken, in the chunks in which it came. */
  readonly taken: Buffer[] = [];
  bytesWritten = 0;
  readonly _handle: { writeQueueSize: number; fd: number } = { writeQueueSize: 0, fd: -1 };
  #takeNext: (() => void) | undefined;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#takeNext = () => {
      this.#takeNext = undefined;
      this.taken.push(chunk);
      this._handle.writeQueueSize = 0;
      done();
    };
    if (this.isHeld) this._handle.writeQueueSize = chunk.length;
    else this.#takeNext();
  }

  override write(chunk: unknown, ...rest: never[]): boolean {
    this.bytesWritten += (chunk as Uint8Array).length;
    return super.write(chunk, ...rest);
  }

  /** Takes the chunk that waits, and holds the next one. */
  takeOne(): void {
    this.#takeNext?.();
  }

  /** Takes all that waits, and all that comes. */
  takeAll(): void {
    this.isHeld = false;
    this.#takeNext?.();
  }

  /** All that was taken since this was asked last. */
  text(): string {
    return Buffer.concat(this.taken.splice(0)).toString('latin1');
  }
}

/** A handshake as Node hands it out. */
export const HANDSHAKE = {
  method: 'GET',
  url: '/',
  headers: {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  },
} as unknown as IncomingMessage;
