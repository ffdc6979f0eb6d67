/** A room whose sockets, clock and surroundings a test plays. */
import { type ConferenceRoom, type JoinOptions, joinRoom, type RoomEvents } from '../../src/client/index';
import { FakeSocket } from './fake-socket';

const TYPES = ['open', 'roster', 'metadata', 'refused', 'message', 'reconnecting', 'closed'] as const;

/** What a page would hear of its window and its network. */
export const surroundings = new EventTarget();
const rooms: ConferenceRoom[] = [];

/** For the tests of a file. */
export function playSurroundings(): void {
  beforeEach(() => {
    jest.useFakeTimers();
    FakeSocket.all.length = 0;
    Object.assign(globalThis, {
      addEventListener: surroundings.addEventListener.bind(surroundings),
      removeEventListener: surroundings.removeEventListener.bind(surroundings),
    });
  });
  afterEach(() => {
    for (const room of rooms.splice(0)) room.leave();
    jest.restoreAllMocks();
    jest.useRealTimers();
    Reflect.deleteProperty(globalThis, 'addEventListener');
    Reflect.deleteProperty(globalThis, 'removeEventListener');
  });
}

export interface Story {
  readonly room: ConferenceRoom;
  /** The types of its events, in order. */
  readonly events: string[];
  /** The last event of a type. */
  last<K extends keyof RoomEvents>(type: K): RoomEvents[K] | undefined;
}

/** Opens the first socket, but for what a token takes. */
export async function join(options: Partial<JoinOptions> = {}): Promise<Story> {
  const all = { room: 'room', streamName: 'anna', WebSocket: FakeSocket, ...options } as JoinOptions;
  const room = joinRoom('wss://host', all);
  rooms.push(room);
  const events: string[] = [];
  const last: Partial<Record<keyof RoomEvents, Event>> = {};
  for (const type of TYPES) {
    room.addEventListener(type, (event: Event) => {
      events.push(type);
      last[type] = event;
    });
  }
  await jest.advanceTimersByTimeAsync(0);
  return {
    room,
    events,
    last: <K extends keyof RoomEvents>(type: K) => last[type] as RoomEvents[K] | undefined,
  };
}
