/** The shapes of what the API answers, for the host and for the dashboard alike. Times are milliseconds since the epoch. */
import type { BackplaneStatus } from '../conference/backplane-status';
import type { StreamMedia } from '../conference/media-status';

export type ProblemCode =
  | 'bad_parameter'
  | 'forbidden'
  | 'not_found'
  | 'no_such_member'
  | 'no_such_room'
  | 'too_many_guesses'
  | 'unauthorised'
  | 'internal';

/** Something is wrong: a code that stays the same, and a sentence that may not. */
export interface Problem {
  readonly error: ProblemCode;
  readonly message: string;
}

export const SORT_KEYS = ['name', 'members', 'streams', 'since'] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export type Order = 'asc' | 'desc';

export interface RoomSummary {
  readonly room: string;
  /** Sockets on this node. */
  readonly members: number;
  /** Streams on this node. */
  readonly streams: number;
  /** When the member came that is there the longest. */
  readonly since: number;
}

export interface RoomPage {
  /** Rooms that the search has found. */
  readonly total: number;
  readonly offset: number;
  readonly rooms: readonly RoomSummary[];
}

export interface MemberSummary {
  readonly id: number;
  readonly streamName: string;
  readonly address: string;
  readonly since: number;
  /** A roster waits until the member has taken the one before it. */
  readonly behind: boolean;
}

/** One room: the roster's own shape, and this node's members. */
export interface RoomDetails {
  readonly room: string;
  /** On all nodes. */
  readonly streams: readonly string[];
  readonly members: readonly MemberSummary[];
  /** Who holds each stream, of those that are not listed as well. Only where a media server is asked. */
  readonly media?: readonly StreamMedia[];
}

export interface Removed {
  readonly removed: number;
  /** Only where a media server is asked. */
  readonly media?: MediaRemoved;
}

/** What became of the publishing of those who were removed: streams. */
export interface MediaRemoved {
  readonly ended: number;
  /** The server knows of none. */
  readonly notPublishing: number;
  /** They may be on air still: the server could not be asked. */
  readonly onAir: number;
}

/** One second of the host. */
export interface Sample {
  /** No two samples have the same. */
  readonly time: number;
  readonly members: number;
  readonly rooms: number;
  readonly streams: number;
  readonly behind: number;
  readonly joins: number;
  readonly leaves: number;
  readonly refusals: number;
  /** Rosters told, one a receiver. */
  readonly rosters: number;
  /** Changes that shared the roster of an earlier one. */
  readonly shared: number;
  /** The longest delay of the event loop, in milliseconds. */
  readonly loopDelay: number;
  /** Bytes of memory of the process. */
  readonly rss: number;
  /** Bytes of it that JavaScript objects take. */
  readonly heap: number;
}

export interface RefusalRecord {
  /** Counts up from 1. */
  readonly id: number;
  readonly time: number;
  readonly name: string;
  readonly code: number;
  readonly reason: string;
  readonly address: string;
}

/** A part that does not work as it should, while everything else goes on. */
export interface Degradation {
  /** Such as `backplane`; anybody may read it. */
  readonly part: string;
  readonly since: number;
  /** For the operator. */
  readonly reason: string;
}

/** How the host is. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly degradations: readonly Degradation[];
  /** How the host stands with the other nodes. */
  readonly backplane: Pick<BackplaneStatus, 'state' | 'since' | 'nodes'>;
}

/** What a token opens: all that there is, or what changes nothing. */
export type Access = 'everything' | 'reading';

/** What one server-sent event tells. */
export interface Figures {
  /** What the reader's token opens. */
  readonly access: Access;
  readonly version: string;
  /** The name of the machine. */
  readonly node: string;
  /** Another one means another process. */
  readonly startedAt: number;
  readonly ready: boolean;
  readonly health: Health;
  /** Those since the event before, the oldest first. */
  readonly samples: readonly Sample[];
  readonly refusals: readonly RefusalRecord[];
}
