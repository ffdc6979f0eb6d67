/** The port to whoever knows which streams are live, and the no-op of a host that knows only sockets. */
import type { RosterStream } from './rooms';

/** Knows the media of the rooms that have members here. Never throws, and nobody waits for it. */
export interface Media {
  /** @param roomChanged called when what is known of a room's media changes whom its roster lists */
  start(roomChanged: (room: string) => void): void;
  /** A room has its first member on this node. */
  roomOpened(room: string): void;
  /** A room has lost its last member on this node. */
  roomClosed(room: string): void;
  /**
   * Whom a room's roster lists, in its order.
   * @param held the streams that sockets hold, on all nodes
   */
  streams(room: string, held: Iterable<RosterStream>): Iterable<RosterStream>;
  stop(): void;
}

/** Lists those who have a socket. */
export const noMedia: Media = {
  start: () => {},
  roomOpened: () => {},
  roomClosed: () => {},
  streams: (_room, held) => held,
  stop: () => {},
};
