/** The library as hosts serve it to pages: browsers have a WebSocket. */
import { Room } from './room';
import type { ConferenceRoom, JoinOptions } from './types';

export const joinRoom = (address: string, options: JoinOptions): ConferenceRoom => new Room(address, options);
