/** What a client is sent: how its bytes leave the process, and whether they have left. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import type { InFlight } from '../conference/in-flight';
import { takeInTurn } from './corners';
import { PIECE, piecesOf } from './pieces';
import { Progress, type ProgressListener } from './progress';

const NOTHING = new Uint8Array(0);

export interface OutboxParts {
  readonly clock: Clock;
  readonly inFlight: InFlight;
  /** Sends a piece of a large roster at once, or when it is its turn. */
  readonly inTurn: (send: () => void) => void;
}

export interface OutboxListener extends ProgressListener {
  /** All that did not leave at once has left now. */
  onFlush(): void;
}

export class Outbox {
  readonly #stream: Duplex;
  readonly #parts: OutboxParts;
  readonly #listener: OutboxListener;
  /** Whether its stream encrypts. */
  readonly #encrypts: boolean;
  /** Writes that the system did not take at once, and may not have taken yet. */
  #unflushed = 0;
  /** What those take of the node's budget. */
  #inFlight = 0;
  #progress: Progress | undefined;
  /** It was given a roster in pieces once, and takes all in turns since then. */
  #takesInTurn = false;
  #isItsTurn = false;

  constructor(stream: Duplex, parts: OutboxParts, listener: OutboxListener) {
    this.#stream = stream;
    this.#parts = parts;
    this.#listener = listener;
    this.#encrypts = 'encrypted' in stream;
  }

  /** Whether something that it was given has not left yet. */
  get isBusy(): boolean {
    return this.#unflushed > 0 && this.#stream.writableLength > 0;
  }

  /**
   * The system takes nearly all frames at once, so a callback is asked for only where something is left behind, with
   * an empty write: what is written last is taken last. Over TLS, and before the socket is uncorked, nothing leaves at
   * once.
   */
  send(frame: Uint8Array): void {
    const copied = this.#encrypts ? Math.min(frame.length, PIECE) : 0;
    if (frame.length > PIECE) {
      this.#sendInPieces(frame);
    } else if (this.#encrypts || this.#stream.writableCorked > 0) {
      this.#sendAndWatch(frame, copied);
      return;
    } else {
      this.#stream.write(frame);
    }
    if (this.#stream.writableLength > 0) this.#sendAndWatch(NOTHING, copied);
  }

  /** The peer is no member any more: whether it takes what waits is of no interest. */
  stopWatching(): void {
    this.#progress?.stop();
  }

  /** The socket is closed. Node calls nobody back about what it was writing then. */
  release(): void {
    this.#parts.inFlight.remove(this.#inFlight);
    this.#inFlight = 0;
  }

  /** All receivers share the pieces. The first one is sent in the turn that this is. */
  #sendInPieces(frame: Uint8Array): void {
    if (!this.#takesInTurn) takeInTurn(this.#stream, (send) => this.#inTurn(send));
    this.#takesInTurn = true;
    this.#isItsTurn = true;
    for (const piece of piecesOf(frame)) this.#stream.write(piece);
    this.#isItsTurn = false;
  }

  #inTurn(send: () => void): void {
    if (this.#isItsTurn) send();
    else this.#parts.inTurn(send);
  }

  /** @param copied bytes that the process holds for this connection alone until they have left */
  #sendAndWatch(bytes: Uint8Array, copied: number): void {
    this.#unflushed++;
    this.#inFlight += copied;
    this.#parts.inFlight.add(copied);
    this.#stream.write(bytes, () => this.#flushed());
    this.#progress ??= new Progress(this.#stream, this.#parts.clock, this.#listener);
  }

  #flushed(): void {
    this.#unflushed--;
    if (this.#unflushed > 0) return;
    this.release();
    this.#progress?.finish();
    this.#progress = undefined;
    this.#listener.onFlush();
  }
}
