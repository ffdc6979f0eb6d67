/** What happens in a host, as logs, metrics and embedding programs want to know it. */
import type { EventEmitter } from 'node:events';

/** A member as events describe it. */
export interface MemberFacts {
  /** Minted by the host; unique in its lifetime. */
  readonly id: number;
  readonly room: string;
  readonly streamName: string;
  /** Where its socket comes from. */
  readonly address: string;
  /** When it joined, in milliseconds since the epoch. */
  readonly since: number;
}

/** How a member left. */
export interface Departure {
  /** The client broke the protocol, and was closed for it with a code only. */
  readonly violation?: boolean;
  /** The WebSocket close code (RFC 6455, section 7.4); 1006 where the socket went without a close frame. */
  readonly code: number;
  readonly reason: string;
  /** The host gave the member up: it was silent, or took nothing. */
  readonly dropped?: boolean;
}

/** A client that did not get in. */
export interface RefusedFacts {
  /** The refusal's name in the table of `door/refusals.ts`. */
  readonly name: string;
  /** A WebSocket close code (4400, …) or an HTTP status (400, …). */
  readonly code: number;
  readonly reason: string;
  readonly address: string;
  /** What the client asked for, where that was found out. */
  readonly room?: string;
  readonly streamName?: string;
}

/** Why a connection that was no member was closed without the answer of any check. */
export type CutReason =
  /** It sent a request while another one was answered. */
  | 'pipelining'
  /** It did not take its answer. */
  | 'answer_not_taken'
  /** Its address has more connections than it may have. */
  | 'too_many_from_address'
  /** Its address begins more TLS handshakes a second than it may. */
  | 'too_fast'
  /** It had nothing to say for the longest, and a newcomer needed its place. */
  | 'made_way'
  /** It spoke TLS to a port that does not. */
  | 'tls_on_plain_port'
  /** It spoke plain HTTP to a TLS port. */
  | 'plain_on_tls_port'
  /** No TLS version or cipher in common, or a certificate that the client does not trust. */
  | 'tls_failed'
  /** No HTTP. */
  | 'unreadable'
  | 'headers_too_large'
  /** Its handshake or its request did not come in time. */
  | 'too_slow';

/** A connection that was no member, and that was closed. */
export interface CutFacts {
  readonly why: CutReason;
  /** The socket's own: a proxy's, where there is one. */
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

/** Somebody brought a token that opens none of dashboard, metrics and API, or a secret that is not the webhook's. */
export interface GuessFacts {
  readonly address: string;
  /** What it was brought for. */
  readonly area: 'api' | 'metrics' | 'health' | 'webhook';
  /** `too_many`: it came after too many wrong ones from its address, and was not looked at where limits apply. */
  readonly outcome: 'wrong' | 'too_many';
}

/** What an operator asked for that changes something, and what came of it. */
export interface OperationFacts {
  /** The operator's. */
  readonly address: string;
  /** Of the request. */
  readonly method: string;
  /** Whose members were to be removed, where a room's were. */
  readonly room?: string;
  /** The id of the member that was to be removed, where one was; NaN where what was given is none. */
  readonly member?: number;
  /** `forbidden`: the token is one for reading. */
  readonly outcome: 'removed' | 'not_found' | 'forbidden';
  /** Members that were removed. */
  readonly removed: number;
}

/** A roster that was told to a room, or to the part of a large one whose turn it was. */
export interface ToldFacts {
  /** Members that were sent it; those that are behind get the newest one later. */
  readonly receivers: number;
  /** The roster's size on the wire, in bytes. */
  readonly bytes: number;
  /** Milliseconds that it took. */
  readonly duration: number;
}

export interface ConferenceEvents {
  /** `duration` is in milliseconds, from the handshake's arrival. */
  joined: [member: MemberFacts, duration: number];
  left: [member: MemberFacts, departure: Departure];
  refused: [refused: RefusedFacts];
  cut: [cut: CutFacts];
  authorised: [authorised: AuthorisedFacts];
  authority: [authority: AuthorityFacts];
  certificate: [certificate: CertificateFacts];
  guessed: [guess: GuessFacts];
  operated: [operation: OperationFacts];
  told: [told: ToldFacts];
  /** A change waits for the roster of an earlier one, and so saves one. */
  shared: [];
  /** A member sent a message, which nobody reads. */
  ignored: [];
}

export type Events = EventEmitter<ConferenceEvents>;
