/** An attacker's TCP connection. It ignores what it is told, and never fails: what the server does is its affair. */
import { connect, type Socket } from 'node:net';
import { joinTarget } from '../../test/helpers/join-target';
import { handshakeFor } from '../../test/helpers/raw-client';

/** Milliseconds that a join may take before the attack goes on without it. */
const JOIN_TIMEOUT = 2_000;

/** All that are connected, so that one call ends every attack. */
const connected = new Set<Intruder>();

export class Intruder {
  readonly socket: Socket;
  readonly #opened: Promise<void>;
  #heard: () => void = () => {};

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    connected.add(this);
    this.#opened = new Promise((resolve) => {
      this.socket.once('connect', resolve);
      this.socket.once('close', () => resolve());
    });
    this.socket.on('error', () => {});
    this.socket.on('data', () => this.#heard());
    this.socket.on('close', () => {
      connected.delete(this);
      this.#heard();
    });
  }

  /** Connects, and resolves when the connection stands or has failed. */
  static async connect(port: number): Promise<Intruder> {
    const intruder = new Intruder(port);
    await intruder.#opened;
    return intruder;
  }

  /** Connects and joins, and resolves with the server's first bytes: the handshake is through then. */
  static async join(port: number, room: string, name: string): Promise<Intruder> {
    const intruder = await Intruder.connect(port);
    const heard = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, JOIN_TIMEOUT);
      intruder.#heard = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    intruder.socket.write(handshakeFor(joinTarget(room, name)));
    await heard;
    return intruder;
  }

  get gone(): boolean {
    return !this.socket.writable;
  }

  /** Sends, and resolves when the kernel has taken it all or the connection is over. */
  send(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.gone) resolve();
      else this.socket.write(bytes, () => resolve());
    });
  }

  /** Ends the connection with a FIN, or an RST where bytes are unread. */
  hangUp(): void {
    this.socket.destroy();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}

export function hangUpAll(): void {
  for (const intruder of connected) intruder.hangUp();
}
