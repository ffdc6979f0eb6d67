/**
 * One connection to the host, from the question for a token until it is closed: the list that its frames tell, and
 * whether it is alive.
 */
import { ABNORMAL, NORMAL } from './come-back';
import { without } from './names';
import { Timers } from './timers';
import { ANSWER, LOOK, OLD_NEWS, OPEN_TIMEOUT, SILENCE, SLEPT } from './times';
import type { WebSocketClass, WebSocketLike } from './types';
import { type Frame, readFrame } from './wire';

/** What a socket is opened with. */
export type Opening = readonly [WebSocketClass, string, string[]];

export class Connection {
  /** Those in the room, once the first roster has come. */
  streams: readonly string[] = [];
  /** Undefined before it is opened, and after it is closed. */
  socket: WebSocketLike | undefined;
  /** The metadata that it was opened with, as JSON. */
  declare said: string | undefined;
  /** The number of the list; undefined where it is not known. */
  #seq: number | undefined;
  /** Milliseconds: at least so often a frame comes. Undefined where the host speaks plain frames only. */
  #beat: number | undefined;
  #heardAt = 0;
  /** Undefined from when nobody listens any more. */
  #onFrame: ((connection: Connection, frame: Frame, isList: boolean) => void) | undefined;
  readonly #onEnd: (connection: Connection, code: number, reason: string) => void;
  readonly #timers = new Timers<'opening' | 'watch' | 'ask' | 'answer'>();

  /**
   * @param prepare asks for a token
   * @param onFrame hears each frame, and whether it told the list
   * @param onEnd hears once that the connection is of no use any more
   */
  constructor(
    prepare: (connection: Connection) => Promise<Opening>,
    onFrame: (connection: Connection, frame: Frame, isList: boolean) => void,
    onEnd: (connection: Connection, code: number, reason: string) => void,
  ) {
    this.#onFrame = onFrame;
    this.#onEnd = onEnd;
    this.#expect('opening', OPEN_TIMEOUT);
    this.#open(prepare);
  }

  async #open(prepare: (connection: Connection) => Promise<Opening>): Promise<void> {
    try {
      const [Socket, url, protocols] = await prepare(this);
      if (!this.#onFrame) return;
      const socket = new Socket(url, protocols);
      this.socket = socket;
      socket.onmessage = ({ data }: { readonly data: unknown }) => this.#heard(readFrame(data));
      socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
        this.socket = undefined;
        this.fail(reason, code);
      };
      // It stays, since `ws` throws unhandled errors.
      socket.onerror = () => {};
    } catch (error) {
      this.fail(String(error));
    }
  }

  /** Hosts that speak plain frames only are told nothing. @param frame as JSON */
  say(frame: string): void {
    if (this.#beat) this.socket?.send(frame);
  }

  /** Asks for a beat. @returns whether the host gives any */
  ask(): boolean {
    const beat = this.#beat;
    if (beat && !this.#timers.has('ask') && !this.#timers.has('answer')) {
      this.#timers.set('ask', OLD_NEWS, () => {
        this.say('{"type":"beat"}');
        this.#expect('answer', beat * ANSWER);
      });
    }
    return beat !== undefined;
  }

  /** Asks for the whole list, again and again, and makes no changes to the one that it has. @returns whether the host gives it */
  refresh(): boolean {
    this.#seq = undefined;
    this.say('{"type":"roster"}');
    if (this.#beat) this.#watch(this.#beat);
    return this.#beat !== undefined;
  }

  /** It is of no use any more. */
  fail(reason: string, code = ABNORMAL): void {
    if (!this.#onFrame) return;
    this.retire();
    this.#onEnd(this, code, reason);
  }

  /**
   * Nobody listens to it any more. Its socket stays open: it may be the one that keeps the name in the room. Unless its
   * handshake hangs: browsers make one at a time to a host, so the next one would wait for it.
   */
  retire(): void {
    this.#timers.endAll();
    this.#onFrame = undefined;
    if (!this.socket?.readyState) this.socket?.close(NORMAL);
  }

  close(): void {
    this.retire();
    this.socket?.close(NORMAL);
  }

  #expect(what: 'opening' | 'answer', within: number): void {
    this.#timers.set(what, within, () => this.fail('the host is silent'));
  }

  #heard(frame: Frame): void {
    if (!this.#onFrame) return;
    this.#heardAt = Date.now();
    this.#timers.end('answer');
    const isList = this.#take(frame);
    if (isList) this.#timers.end('opening');
    if (frame.beat) {
      this.#beat = frame.beat;
      this.#watch(frame.beat);
    }
    this.#onFrame(this, frame, isList);
  }

  /** @returns whether the frame told the list */
  #take({ type = 'roster', streams, seq = 0, since = seq - 1, left = [], joined = [] }: Frame): boolean {
    if (type === 'roster' && streams) {
      this.streams = streams;
    } else if (type === 'changes' && since === this.#seq) {
      this.streams = [...without(this.streams, left), ...joined];
    } else {
      if (type === 'changes' && this.#seq !== undefined) this.refresh();
      return false;
    }
    this.#seq = seq;
    return true;
  }

  #watch(beat: number): void {
    const lookedAt = Date.now();
    this.#timers.set('watch', beat * LOOK, () => {
      const now = Date.now();
      if (this.#seq === undefined) this.refresh();
      // Whose clock was set back may have been silent for longer than it seems.
      const late = Math.abs(now - lookedAt);
      if (late > beat * SLEPT || now - this.#heardAt > beat * SILENCE) this.ask();
      this.#watch(beat);
    });
  }
}
