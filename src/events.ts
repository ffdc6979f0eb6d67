/** The events of a host, for logs, metrics and embedding programs. */
import type { EventEmitter } from 'node:events';

export interface MemberFacts {
  /** Given by the host, and unique while it runs. */
  readonly id: number;
  readonly room: string;
  /** Empty for an observer that gave no name. */
  readonly streamName: string;
  /** It hears the room without being listed in it. */
  readonly observer?: true | undefined;
  /** The client's IP address. */
  readonly address: string;
  /** When it joined, in milliseconds since the epoch. */
  readonly since: number;
  /** Whose credentials it has, the `sub` of its token; not there where they do not say. */
  readonly subject?: string | undefined;
}

/** How a member left. */
export interface Departure {
  /** The client broke the protocol, and was closed with a code but no reason. */
  readonly violation?: boolean;
  /** The WebSocket close code (RFC 6455, section 7.4); 1006 if there was no close frame. */
  readonly code: number;
  readonly reason: string;
  /** The host dropped the member: it was silent, or stopped reading. */
  readonly dropped?: boolean;
  /** An operator removed it. */
  readonly removed?: boolean;
}

/** A client that was refused. */
export interface RefusedFacts {
  /** The refusal's name in the table of `door/refusals.ts`. */
  readonly name: string;
  /** A WebSocket close code (4400, …) or an HTTP status (400, …). */
  readonly code: number;
  readonly reason: string;
  readonly address: string;
  /** What the client asked for, if known. */
  readonly room?: string;
  readonly streamName?: string;
}

/** Why a connection was cut before it was a member. */
export type CutReason =
  /** It sent a request before the previous one was answered. */
  | 'pipelining'
  /** It did not read its response. */
  | 'answer_not_taken'
  /** Its address has too many connections. */
  | 'too_many_from_address'
  /** Its address starts too many TLS handshakes per second. */
  | 'too_fast'
  /** It was idle the longest when a new connection needed a place. */
  | 'made_way'
  /** It spoke TLS to a port without TLS. */
  | 'tls_on_plain_port'
  /** It spoke plain HTTP to a TLS port. */
  | 'plain_on_tls_port'
  /** No TLS version or cipher in common, or the client does not trust the certificate. */
  | 'tls_failed'
  /** What it sent is not HTTP. */
  | 'unreadable'
  | 'headers_too_large'
  /** Its handshake or its request did not arrive in time. */
  | 'too_slow';

/** A connection that was cut before it was a member. */
export interface CutFacts {
  readonly why: CutReason;
  /** The socket's own address: the proxy's, if there is one. */
  readonly address: string;
}

/** The outcome of checking a client's credentials. */
export interface AuthorisedFacts {
  readonly method: 'token' | 'round_trip' | 'application';
  /** `unavailable`: the credentials could not be checked; `gone`: the client disconnected first. */
  readonly outcome: 'admitted' | 'refused' | 'unavailable' | 'gone';
  /** Why, for the operator. Never shown to the client, and never contains a credential. */
  readonly problem: string | undefined;
  /** Milliseconds. */
  readonly duration: number;
  readonly address: string;
}

/** The authority for credentials became unreachable, or reachable again. */
export interface AuthorityFacts {
  readonly name: 'key server' | 'auth backend' | 'application';
  /** Undefined once it is reachable again. */
  readonly problem: string | undefined;
}

/** The certificate was read: at the start, or because its files changed. */
export interface CertificateFacts {
  /** Why the files are unusable and the previous certificate is kept; undefined if they are in use. */
  readonly problem: string | undefined;
  /** When the certificate in use expires, in milliseconds since the epoch. */
  readonly validTo: number;
}

/** A request carried a token that opens none of dashboard, metrics and API, or a wrong webhook secret. */
export interface GuessFacts {
  readonly address: string;
  /** What it tried to open. */
  readonly area: 'api' | 'metrics' | 'health' | 'webhook';
  /** `too_many`: its address had sent too many wrong ones. Where limits apply, it was not even checked. */
  readonly outcome: 'wrong' | 'too_many';
}

/** A removal that an operator asked for, and its outcome. */
export interface OperationFacts {
  /** The operator's address. */
  readonly address: string;
  /** The HTTP method of the request. */
  readonly method: string;
  /** The room to clear, or that of the member that was removed. */
  readonly room?: string;
  /** The member to remove, if one was named, by its id in the API: that of its node and its own. */
  readonly member?: string;
  /** The stream to remove from that room, or that of the member that was removed. */
  readonly stream?: string;
  /** Whose token it was: `viewer` is the read-only one. */
  readonly by: 'operator' | 'viewer';
  /** `forbidden`: the token is read-only; `unreachable`: the member's node did not answer. */
  readonly outcome: 'removed' | 'not_found' | 'forbidden' | 'unreachable';
  /** How many members were removed. */
  readonly removed: number;
}

/** What an operator has ordered: a room's rules or a ban, or that one is over. */
export interface OrderFacts {
  /** The operator's address. */
  readonly address: string;
  /** The room that it is about; not there where that is all of them. */
  readonly room?: string | undefined;
  /** In words, such as `locked for 3600 s`. */
  readonly order: string;
  /** How many members it has closed, on all nodes. */
  readonly removed: number;
  /** Whether it outlives the node. */
  readonly heldBy: 'redis' | 'node';
}

/** An operator has sent a message to a room. */
export interface MessageFacts {
  /** The operator's address. */
  readonly address: string;
  readonly room: string;
  /** Of its JSON. */
  readonly bytes: number;
  /** Members that it was sent to, on all nodes. */
  readonly receivers: number;
}

/** A roster was broadcast to a room, or to one slice of a large room. */
export interface ToldFacts {
  /** Members that it was sent to. Those that are behind get the newest one later. */
  readonly receivers: number;
  /** The roster's size on the wire, in bytes. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly duration: number;
  /** What members that speak `conference.2` were sent instead; only where there are any. */
  readonly changes?: {
    readonly receivers: number;
    /** Bytes on the wire, all together. */
    readonly bytes: number;
  };
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
  ordered: [order: OrderFacts];
  messaged: [message: MessageFacts];
  told: [told: ToldFacts];
  /** A change shares a roster with an earlier change that is still waiting. */
  shared: [];
  /** A member sent a message, which is ignored. */
  ignored: [];
  /** A member that speaks `conference.2` has asked for something, or has told something else of itself. */
  requested: [type: 'beat' | 'roster' | 'metadata', outcome: 'done' | 'refused'];
}

export type Events = EventEmitter<ConferenceEvents>;
