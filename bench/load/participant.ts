/** One participant over raw TCP: joins, counts the streams of each roster by its length, leaves politely. */
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectSecurely, createSecureContext, type SecureContext } from 'node:tls';
import { CLOSE_FRAME, clientFrame } from './client-frames';
import type { Dialect } from './dialect';
import { FrameReader, OPCODE } from './frame-reader';

/** Whom a participant joins, and as whom. */
export interface Seat {
  readonly address: string;
  readonly port: number;
  /** Over TLS, whatever the certificate. */
  readonly secure: boolean;
  readonly dialect: Dialect;
  readonly room: string;
  /** All streams of a room have names of the same length, without anything that JSON would escape. */
  readonly streamName: string;
  /** Hears of what should never happen: an error, a refusal, a socket that the server ends. */
  readonly onTrouble: (error: Error) => void;
}

/** All sockets are read into this: reading hands on each chunk before the next one comes. */
const SHARED_BUFFER = Buffer.allocUnsafe(256 * 1024);
const END_OF_HEADERS = '\r\n\r\n';
/** Of each roster, enough is kept to tell it from other text frames. */
const HEAD = 4;

export class Participant {
  /** Resolves when the handshake is answered; stays pending where there is trouble. */
  readonly opened: Promise<void>;
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>;
  /** How many streams the last roster listed; 0 before the first. */
  streams = 0;
  /** Of the node that it joined. */
  readonly port: number;
  readonly streamName: string;
  readonly #seat: Seat;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #rosterStart: string;
  /** Bytes of a roster's frame: `#first` with one stream, `#each` more for each further one. */
  readonly #first: number;
  readonly #each: number;
  #answer = '';
  #open = false;
  #leaving = false;
  #onOpen = () => {};
  #awaited: { streams: number | undefined; seen: () => void } | undefined;

  constructor(seat: Seat, wholeRosters: ((json: string) => void) | undefined = undefined) {
    const { address, port, secure, dialect, room, streamName } = seat;
    const roster = dialect.before + JSON.stringify({ room, streams: [streamName] }) + dialect.after;
    this.#seat = seat;
    this.port = port;
    this.streamName = streamName;
    this.#rosterStart = roster.slice(0, HEAD);
    this.#first = Buffer.byteLength(roster);
    this.#each = Buffer.byteLength(`,"${streamName}"`);
    this.#reader = new FrameReader(wholeRosters ? Number.POSITIVE_INFINITY : HEAD, (opcode, length, head) => {
      if (wholeRosters && this.#isRoster(opcode, head)) {
        wholeRosters(head.toString('utf8', dialect.before.length, length - dialect.after.length));
      }
      this.#frameOnRead(opcode, length, head);
    });
    const onread = { buffer: SHARED_BUFFER, callback: (length: number) => this.#socketOnRead(length) };
    this.#socket = (secure ? dialSecurely : connect)({ host: address, port, noDelay: true, onread });
    this.opened = new Promise((resolve) => {
      this.#onOpen = resolve;
    });
    this.gone = new Promise((resolve) => {
      this.#socket.on('close', () => {
        if (!this.#leaving) this.#fail(`the server ended the socket of ${streamName}`);
        resolve();
      });
    });
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.write(handshake(dialect.target(room, streamName), address, port));
  }

  /**
   * Resolves at the first roster from now on that lists so many streams, or any number where none is given.
   * One at a time: who asks again gives up what was asked before.
   */
  sees(streams?: number): Promise<void> {
    return new Promise((seen) => {
      this.#awaited = { streams, seen };
    });
  }

  /** Leaves with a closing handshake; done when the server has ended the connection. */
  leave(): Promise<void> {
    this.#leaving = true;
    this.#socket.write(CLOSE_FRAME);
    return this.gone;
  }

  /** Takes nothing from the network any more. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Drops the connection without a word, at the end of a round. */
  drop(): void {
    this.#leaving = true;
    this.#socket.destroy();
  }

  #socketOnRead(length: number): boolean {
    if (this.#open) this.#reader.read(SHARED_BUFFER, 0, length);
    else this.#readAnswer(SHARED_BUFFER.subarray(0, length));
    return true;
  }

  #readAnswer(chunk: Buffer): void {
    const before = this.#answer.length;
    this.#answer += chunk.toString('latin1');
    const end = this.#answer.indexOf(END_OF_HEADERS);
    if (end < 0) return;
    if (!this.#answer.startsWith('HTTP/1.1 101 ')) {
      this.#fail(`refused: ${this.#answer.slice(0, this.#answer.indexOf('\r\n'))}`);
      return;
    }
    this.#open = true;
    this.#answer = '';
    this.#onOpen();
    this.#reader.read(chunk, end + END_OF_HEADERS.length - before);
  }

  #frameOnRead(opcode: number, length: number, head: Buffer): void {
    if (this.#isRoster(opcode, head)) this.#rosterOnRead(length);
    else if (opcode === OPCODE.text) this.#reply(this.#seat.dialect.answer(head));
    else if (opcode === OPCODE.ping) this.#reply(clientFrame(OPCODE.pong, head));
    else if (opcode === OPCODE.close) this.#closeOnRead(head);
    else this.#fail(`a frame with opcode ${opcode}`);
  }

  #isRoster(opcode: number, head: Buffer): boolean {
    return opcode === OPCODE.text && head.toString('latin1', 0, HEAD) === this.#rosterStart;
  }

  #rosterOnRead(length: number): void {
    this.streams = 1 + (length - this.#first) / this.#each;
    if (!Number.isInteger(this.streams)) this.#fail(`a roster of ${length} bytes is not one of this room`);
    const awaited = this.#awaited;
    if (awaited === undefined || (awaited.streams ?? this.streams) !== this.streams) return;
    this.#awaited = undefined;
    awaited.seen();
  }

  #reply(frame: Buffer | undefined): void {
    if (frame !== undefined && !this.#leaving) this.#socket.write(frame);
  }

  /** The answer to our own close frame, or a goodbye that nobody asked for, which gets its answer. */
  #closeOnRead(head: Buffer): void {
    if (this.#leaving) return;
    this.#fail(`closed by the server with ${head.length < 2 ? 'no code' : head.readUInt16BE(0)}`);
    this.#leaving = true;
    this.#socket.write(CLOSE_FRAME);
  }

  #fail(problem: string): void {
    if (!this.#leaving) this.#seat.onTrouble(new Error(`${this.#seat.streamName}: ${problem}`));
  }
}

/** What all have together is made once: making it takes longer than the handshake. */
let secureContext: SecureContext | undefined;

function dialSecurely(options: TcpNetConnectOpts): Socket {
  secureContext ??= createSecureContext();
  return connectSecurely({ ...options, secureContext, rejectUnauthorized: false });
}

/** The key is the same for all: a server answers it, and nobody here looks at the answer. */
function handshake(target: string, address: string, port: number): string {
  return [
    `GET ${target} HTTP/1.1`,
    `Host: ${address}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: YmVuY2htYXJrIHBlcnNvbg==',
    '\r\n',
  ].join('\r\n');
}
