/** What happens in a host, as logs, metrics and embedding programs want to know it. */
import type { EventEmitter } from 'node:events';
import type { Member } from './rooms';

/** A member as events describe it. */
export interface MemberFacts extends Member {
  /** Minted by the host; unique in its lifetime. */
  readonly id: number;
  /** Where its socket comes from. */
  readonly address: string;
  /** When it joined, in milliseconds since the epoch. */
  readonly since: number;
}

/** How a member left. */
export interface Departure {
  /** The WebSocket close code (RFC 6455, section 7.4); 1006 where the socket went without a close frame. */
  readonly code: number;
  readonly reason: string;
}

/** A client that did not get in. */
export interface RefusedFacts {
  /** The refusal's name in the table of `door/refusals.ts`. */
  readonly name: string;
  /** A WebSocket close code (4400, …) or an HTTP status (400, …). */
  readonly code: number;
  readonly reason: string;
  readonly address: string;
}

export interface ConferenceEvents {
  joined: [member: MemberFacts];
  left: [member: MemberFacts, departure: Departure];
  refused: [refused: RefusedFacts];
}

export type Events = EventEmitter<ConferenceEvents>;
