/** The port to other nodes, and the no-op that a single node uses. */
import type { BackplaneCounts, BackplaneStatus } from './backplane-status';
import type { RosterStream } from './rooms';

/** Tells the other nodes what is held here, and knows what they hold. Never throws, and nobody waits for it. */
export interface Backplane {
  /** @param roomChanged called when the streams that other nodes hold in a room have changed, or are first known */
  start(roomChanged: (room: string) => void): Promise<void>;
  /** A stream has its first member on this node. */
  streamJoined(room: string, stream: RosterStream): void;
  /** A stream has lost its last member on this node. */
  streamLeft(room: string, stream: RosterStream): void;
  /** Somebody here hears the room without holding a stream of it: what other nodes hold in it is followed. */
  watch(room: string): void;
  /** Nobody here does any more. */
  unwatch(room: string): void;
  /** Whether what other nodes hold in the room is known; where it is not, `roomChanged` follows soon. */
  knows(room: string): boolean;
  /** The streams of the room on all nodes, in the order on which all nodes agree. */
  streams(room: string, local: Iterable<RosterStream>): Iterable<RosterStream>;
  /**
   * How many streams of a room only other nodes hold, as far as this one knows: of a room new to it, 0.
   * @param but one that does not count
   */
  elsewhere(room: string, but?: string): number;
  /** How this node stands with the others, from what it knows: nobody is asked. */
  status(): BackplaneStatus;
  /** Finds out which nodes there are now, so that `status` says it. Never rejects. */
  look(): Promise<void>;
  /**
   * Carries news to the other nodes that are no rosters, such as what the media server has answered. Where it is not
   * there, each node finds out by itself.
   */
  readonly news?: News;
  /** Carries what streams tell of themselves. Where it is not there, no other node hears of it. */
  readonly notes?: Notes;
  /** From now on members are sent away: what this node holds stays listed as it is, until it is handed over. */
  standStill(): void;
  /** Hands this node's streams over to the others. Takes a bounded time, whatever the others do. */
  stop(): Promise<void>;
}

/** A channel to all other nodes. It may lose what it carries: whoever needs it finds out by itself a little later. */
export interface News {
  /** Never throws, and nobody waits for it. */
  tell(text: string): void;
  /**
   * @param listener hears what other nodes tell, never what this one does
   * @param onLink called with each new link to them: what was told before may be lost
   */
  onNews(listener: (text: string) => void, onLink?: () => void): void;
  stop(): void;
}

/**
 * What streams tell of themselves, as `note`: a JSON text of at most 1 KiB. It is told to all nodes and kept by those that
 * follow the room. Never throws, and nobody waits for it.
 */
export interface Notes {
  /** @param roomNoted called when a stream of a room that is followed has another note */
  start(roomNoted: (room: string) => void): void;
  /** A member of this node has said something else of its stream. */
  tell(room: string, stream: RosterStream): void;
  /** A stream has lost its last member on this node. */
  left(room: string, stream: string): void;
  /** Somebody here asks for the notes of a room. @param listed its streams on all nodes */
  follow(room: string, listed: () => Iterable<RosterStream>): void;
  /** Nobody here does any more. */
  unfollow(room: string): void;
  /**
   * What the streams of a room that is followed have told last on any node. What is known of those that are not listed any
   * more is forgotten, so it is to be asked whenever the list is read.
   */
  of(room: string): (stream: string) => string | undefined;
  stop(): void;
}

const NOTHING: BackplaneCounts = { published: 0, received: 0, ignored: 0, lost: 0, repaired: 0 };

/** The backplane of a node that has no others. */
export const singleNode: Backplane = {
  start: async () => {},
  streamJoined: () => {},
  streamLeft: () => {},
  watch: () => {},
  unwatch: () => {},
  knows: () => true,
  streams: (_room, local) => local,
  elsewhere: () => 0,
  status: () => ({ state: 'alone', since: 0, why: undefined, nodes: [], counts: NOTHING }),
  look: async () => {},
  standStill: () => {},
  stop: async () => {},
};
