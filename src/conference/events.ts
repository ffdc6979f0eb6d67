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

/** A check of a client's credentials that is through. */
export interface AuthorisedFacts {
  readonly method: 'token' | 'round_trip';
  /** `unavailable`: the credentials could not be checked; `gone`: the client went away meanwhile. */
  readonly outcome: 'admitted' | 'refused' | 'unavailable' | 'gone';
  /** Why, for the operator; never shown to the client, and never with a credential in it. */
  readonly problem: string | undefined;
  /** Milliseconds. */
  readonly duration: number;
  readonly address: string;
}

/** Whoever is asked about credentials has stopped answering, or answers again. */
export interface AuthorityFacts {
  readonly name: 'key server' | 'auth backend';
  /** Undefined where it answers again. */
  readonly problem: string | undefined;
}

/** The certificate was read: at the start, and whenever its files have changed. */
export interface CertificateFacts {
  /** Why the files cannot be used and the certificate before them stays; undefined where they are in use. */
  readonly problem: string | undefined;
  /** The end of the validity of the certificate that is in use, in milliseconds since the epoch. */
  readonly validTo: number;
}

export interface ConferenceEvents {
  joined: [member: MemberFacts];
  left: [member: MemberFacts, departure: Departure];
  refused: [refused: RefusedFacts];
  authorised: [authorised: AuthorisedFacts];
  authority: [authority: AuthorityFacts];
  certificate: [certificate: CertificateFacts];
}

export type Events = EventEmitter<ConferenceEvents>;
