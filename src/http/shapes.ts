/** Types of the API's responses, shared with the dashboard. Times are milliseconds since the epoch. */
import type { BackplaneStatus } from '../conference/backplane-status';
import type { StreamMedia } from '../conference/media-status';

export type ProblemCode =
  | 'bad_parameter'
  | 'forbidden'
  | 'not_found'
  | 'no_such_member'
  | 'no_such_room'
  | 'no_such_stream'
  | 'too_many_guesses'
  | 'unauthorised'
  | 'internal';

/** An error: a stable code, and a message that may change. */
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
  /** When the longest-standing member joined. */
  readonly since: number;
}

export interface RoomPage {
  /** Rooms that match the search. */
  readonly total: number;
  readonly offset: number;
  readonly rooms: readonly RoomSummary[];
}

export interface MemberSummary {
  readonly id: number;
  readonly streamName: string;
  readonly address: string;
  readonly since: number;
  /** The member has not read the previous roster yet. */
  readonly behind: boolean;
  /** It hears the room without being listed in it; its name may be empty. Only where it is so. */
  readonly observer?: true | undefined;
}

/** One room: its roster, and its members on this node. */
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
  /** Unique per sample. */
  readonly time: number;
  readonly members: number;
  /** Those of them that only observe. */
  readonly observers: number;
  readonly rooms: number;
  readonly streams: number;
  readonly behind: number;
  readonly joins: number;
  readonly leaves: number;
  readonly refusals: number;
  /** Rosters sent, or what has changed in them, counted per receiver. */
  readonly rosters: number;
  /** Changes that shared a roster with an earlier one. */
  readonly shared: number;
  /** The longest delay of the event loop, in milliseconds. */
  readonly loopDelay: number;
  /** Memory of the process, in bytes. */
  readonly rss: number;
  /** Memory of it in use by JavaScript objects, in bytes. */
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

/** A part that has a problem, while everything else works. */
export interface Degradation {
  /** Such as `backplane`; contains nothing confidential. */
  readonly part: string;
  readonly since: number;
  /** For the operator. */
  readonly reason: string;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly degradations: readonly Degradation[];
  /** The state of the link to the other nodes. */
  readonly backplane: Pick<BackplaneStatus, 'state' | 'since' | 'nodes'>;
}

/** What a token opens. */
export type Access = 'everything' | 'reading';

/** The data of one server-sent event. */
export interface Figures {
  /** Of the reader's token. */
  readonly access: Access;
  readonly version: string;
  /** The name of the machine. */
  readonly node: string;
  /** A different one means a different process. */
  readonly startedAt: number;
  readonly ready: boolean;
  readonly health: Health;
  /** Since the previous event, oldest first. */
  readonly samples: readonly Sample[];
  readonly refusals: readonly RefusalRecord[];
}
