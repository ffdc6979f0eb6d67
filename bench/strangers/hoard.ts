/** As many connections as there are to be had, which say nothing, or ask and never read; they come back when cut. */
import { establishedPorts } from '../sockets';
import { type Ground, LARGEST, requestFor, type Siege, Strangers } from './ground';

/** Requests on one connection, whose answers nobody reads. */
const REQUESTS = 40;
/** Milliseconds between two looks at which connections of those that read nothing have been cut. */
const LOOK_INTERVAL = 500;

export interface HoardOptions {
  readonly count: number;
  /** Sends requests, and reads none of the answers. Otherwise says nothing, and notices at once when it is cut. */
  readonly asks: boolean;
  /** Milliseconds until connections that were cut are there again. */
  readonly comeBack: number;
}

export interface Hoard {
  readonly dialled: number;
}

export async function hoard(ground: Ground, siege: Siege, options: HoardOptions): Promise<Hoard> {
  const { count, asks, comeBack } = options;
  const requests = requestFor(LARGEST, ground).repeat(REQUESTS);
  const strangers = new Strangers(ground, siege);
  let lookedAt = performance.now();
  while (!siege.over) {
    while (strangers.size < count) {
      const socket = strangers.dial();
      if (asks) socket.write(requests);
      else socket.resume();
    }
    await siege.pause(comeBack);
    if (asks && performance.now() - lookedAt > LOOK_INTERVAL) {
      lookedAt = performance.now();
      const open = establishedPorts(ground.port);
      strangers.hangUpEnded((port) => open.has(port));
    }
  }
  return { dialled: strangers.dialled };
}
