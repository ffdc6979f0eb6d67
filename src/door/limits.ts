/** Limits on members: per node, per address and per room; and on handshakes per second. */
import type { JoinRequest } from '../conference/protocol';
import { Tally } from '../listening/tally';
import { RateLimit } from './rate-limit';
import { type Close, type HttpRefusal, refusals } from './refusals';

export interface LimitParts {
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
  readonly maxHandshakesPerIp: number;
  readonly maxRoomSize: number;
  /** Sockets in a room now, for who would join it under this name. */
  readonly roomSize: (room: string, newcomer: string) => number;
}

export class Limits {
  readonly #parts: LimitParts;
  readonly #handshakes: RateLimit;
  readonly #requests: RateLimit;
  readonly #members: Tally;
  #memberCount = 0;

  constructor(parts: LimitParts) {
    this.#parts = parts;
    this.#handshakes = new RateLimit(parts.maxHandshakesPerIp);
    this.#requests = new RateLimit(parts.maxHandshakesPerIp);
    this.#members = new Tally(parts.maxConnectionsPerIp);
  }

  joined(address: string): void {
    this.#memberCount++;
    this.#members.add(address);
  }

  left(address: string): void {
    this.#memberCount--;
    this.#members.remove(address);
  }

  /** How many members there are, and how many of them share the busiest address. */
  get use(): { readonly members: number; readonly fromOneAddress: number } {
    return { members: this.#memberCount, fromOneAddress: this.#members.largest() };
  }

  /** Counts a handshake from this address. Undefined, not a promise, if no limit applies. */
  checkHandshakeRate(address: string): Promise<HttpRefusal | undefined> | undefined {
    return this.#handshakes.check(address, refusals.tooFast);
  }

  /** Counts a plain request. The same rate as for handshakes, counted separately. */
  checkRequestRate(address: string): Promise<HttpRefusal | undefined> | undefined {
    return this.#requests.check(address, refusals.tooManyRequests);
  }

  /**
   * Whether one more member from this address may join this room.
   * @param maxSize sockets that the room may have for this one to join, where that is fewer
   */
  checkJoin({ room, streamName }: JoinRequest, address: string, maxSize = Infinity): Close | undefined {
    const { maxConnections, maxRoomSize, roomSize } = this.#parts;
    if (this.#memberCount >= maxConnections) return refusals.nodeFull;
    if (this.#members.isFull(address)) return refusals.tooManyFromAddress;
    return roomSize(room, streamName) >= Math.min(maxRoomSize, maxSize) ? refusals.roomFull : undefined;
  }
}
