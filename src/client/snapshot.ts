/** A room as a framework shows it: a new value whenever anything has changed. */
import type { ConferenceRoom, Metadata, RoomEvents, RoomState } from './types';

export interface RoomSnapshot {
  /** Undefined until the component is mounted. */
  readonly room: ConferenceRoom | undefined;
  readonly state: RoomState;
  readonly streams: readonly string[];
  readonly awaited: readonly string[];
  readonly metadata: ReadonlyMap<string, Metadata>;
}

export const NOT_YET: RoomSnapshot = {
  room: undefined,
  state: 'joining',
  streams: [],
  awaited: [],
  metadata: new Map(),
};

const CHANGES: readonly (keyof RoomEvents)[] = ['open', 'roster', 'metadata', 'reconnecting', 'closed'];

/** Shows a room from now on. @returns what leaves it, and shows it no more */
export function show(room: ConferenceRoom, onChange: (snapshot: RoomSnapshot) => void): () => void {
  let isShown = true;
  const showNow = () => {
    const { state, streams, awaited, metadata } = room;
    if (isShown) onChange({ room, state, streams, awaited, metadata });
  };
  for (const type of CHANGES) room.addEventListener(type, showNow);
  showNow();
  return () => {
    isShown = false;
    room.leave();
  };
}
