/** Where strangers stand, and how long they stay. */
import { connect, type OnReadOpts, type Socket } from 'node:net';

/** Whom they attack, and from which address. */
export interface Ground {
  readonly host: string;
  readonly port: number;
  readonly localAddress: string;
  /** Of every request: what a proxy would add. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How long an attack goes on. */
export interface Siege {
  readonly over: boolean;
  /** Ends early when the attack is over. */
  pause(milliseconds: number): Promise<void>;
}

/** The largest answer that anybody gets who asks. */
export const LARGEST = '/pages/dashboard.js';

/** Milliseconds: longer than any attack. */
const FOREVER = 3_600_000;

/** The same siege, for so many milliseconds at most. */
export function shortened(siege: Siege, milliseconds: number): Siege {
  const until = performance.now() + milliseconds;
  const left = () => Math.max(until - performance.now(), 0);
  return {
    get over() {
      return siege.over || left() === 0;
    },
    pause: (pause) => siege.pause(Math.min(pause, left())),
  };
}

/** The connections of one attack. They never fail, and all of them end when the attack is over. */
export class Strangers {
  /** Connections that were tried. */
  dialled = 0;
  readonly #ground: Ground;
  readonly #sockets = new Set<Socket>();

  constructor(ground: Ground, siege: Siege) {
    this.#ground = ground;
    void siege.pause(FOREVER).then(() => {
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** How many connections have not ended yet, as far as this end knows. */
  get size(): number {
    return this.#sockets.size;
  }

  /** @param onread takes what comes without a buffer for each chunk; without it, nothing is read until asked for */
  dial(onread?: OnReadOpts): Socket {
    const { host, port, localAddress } = this.#ground;
    this.dialled++;
    const socket = connect({ host, port, localAddress, noDelay: true, ...(onread && { onread }) });
    if (onread === undefined) socket.pause();
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  /** Hangs up those that the other end has closed or cut, which a socket that is not read never tells. */
  hangUpEnded(isOpen: (localPort: number) => boolean): void {
    for (const socket of this.#sockets) {
      if (!socket.connecting && !isOpen(socket.localPort ?? 0)) socket.destroy();
    }
  }
}

/** A plain request for this target. */
export function requestFor(target: string, { host, headers }: Ground): string {
  const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export function inParallel(count: number, run: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, run));
}
