/** For React: the room that a component is in while it is mounted. */
import { useEffect, useRef, useState } from 'react';
import { joinRoom } from './index';
import { NOT_YET, type RoomSnapshot, show } from './snapshot';
import type { JoinOptions } from './types';

export type { RoomSnapshot } from './snapshot';

/** Joins again when the address, the room or the stream name is another one; other options count from then on. */
export function useRoom(address: string, options: JoinOptions): RoomSnapshot {
  const [snapshot, setSnapshot] = useState(NOT_YET);
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });
  useEffect(
    () => show(joinRoom(address, newest.current), setSnapshot),
    [address, options.room, options.streamName],
  );
  return snapshot;
}
