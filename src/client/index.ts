/**
 * The client library, for browsers and Node: joins a room, receives its roster, and comes back when the link is lost.
 * It has no dependencies and shares no code with the host.
 */
import { findWebSocket } from './node';
import { Room } from './room';
import type { ConferenceRoom, JoinOptions } from './types';

export type * from './types';

/**
 * Joins a room, and stays in it until `leave()` or until the host says not to come back.
 * @param address the host's, such as `wss://host:8001` or `localhost:8001`; it may have a path and a query
 * @throws TypeError if the address is not valid
 */
export function joinRoom(address: string, options: JoinOptions): ConferenceRoom {
  return new Room(address, options, findWebSocket);
}
