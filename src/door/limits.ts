/** How many may come in: to the node, from one address, into one room, and how fast. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { JoinRequest } from '../conference/protocol';
import { isLimited, limitKey } from './client-address';
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
  readonly #handshakes: RateLimiterMemory;
  /** Members by address, for those addresses that are limited. */
  readonly #members = new Map<string, number>();
  #memberCount = 0;

  constructor(parts: LimitParts) {
    this.#parts = parts;
    this.#handshakes = new RateLimiterMemory({ points: parts.maxHandshakesPerIp, duration: 1 });
  }

  /** A member from this address is in. */
  joined(address: string): void {
    this.#count(address, 1);
  }

  left(address: string): void {
    this.#count(address, -1);
  }

  /** Before the upgrade: one more handshake from this address. Nothing to wait for where no limit applies. */
  checkHandshakeRate(address: string): Promise<HttpRefusal | undefined> | undefined {
    if (!isLimited(address)) return undefined;
    return this.#handshakes.consume(limitKey(address)).then(
      () => undefined,
      () => refusals.tooFast,
    );
  }

  /** Before joining: one more member from this address in this room. */
  checkJoin({ room }: JoinRequest, address: string): Close | undefined {
    const { maxConnections, maxConnectionsPerIp, maxRoomSize, roomSize } = this.#parts;
    if (this.#memberCount >= maxConnections) return refusals.nodeFull;
    const fromAddress = isLimited(address) ? (this.#members.get(limitKey(address)) ?? 0) : 0;
    if (fromAddress >= maxConnectionsPerIp) return refusals.tooManyFromAddress;
    return roomSize(room) >= maxRoomSize ? refusals.roomFull : undefined;
  }

  #count(address: string, change: 1 | -1): void {
    this.#memberCount += change;
    if (!isLimited(address)) return;
    const key = limitKey(address);
    const members = (this.#members.get(key) ?? 0) + change;
    if (members === 0) this.#members.delete(key);
    else this.#members.set(key, members);
  }
}
