/** How many may come in: to the node, from one address, into one room, and how fast. */
import type { JoinRequest } from '../conference/protocol';
import { Tally } from '../listening/tally';
import { RateLimit } from './rate-limit';
import { type Close, type HttpRefusal, refusals } from './refusals';

export interface LimitParts {
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
  readonly maxHandshakesPerIp: number;
  readonly maxRoomSize: number;
  /** Sockets in a room at present. */
  readonly roomSize: (room: string) => number;
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

  /** A member from this address is in. */
  joined(address: string): void {
    this.#memberCount++;
    this.#members.add(address);
  }

  left(address: string): void {
    this.#memberCount--;
    this.#members.remove(address);
  }

  /** One more handshake from this address. Nothing to wait for where no limit applies. */
  checkHandshakeRate(address: string): Promise<HttpRefusal | undefined> | undefined {
    return this.#handshakes.check(address, refusals.tooFast);
  }

  /** One more plain request from this address; the rate is that of handshakes, counted by itself. */
  checkRequestRate(address: string): Promise<HttpRefusal | undefined> | undefined {
    return this.#requests.check(address, refusals.tooManyRequests);
  }

  /** Before joining: one more member from this address in this room. */
  checkJoin({ room }: JoinRequest, address: string): Close | undefined {
    const { maxConnections, maxRoomSize, roomSize } = this.#parts;
    if (this.#memberCount >= maxConnections) return refusals.nodeFull;
    if (this.#members.isFull(address)) return refusals.tooManyFromAddress;
    return roomSize(room) >= maxRoomSize ? refusals.roomFull : undefined;
  }
}
