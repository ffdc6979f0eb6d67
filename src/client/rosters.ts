import { RosterEvent } from './events';
import type { ConferenceRoom } from './index';

/** Rosters for a loop. A slow loop skips some: each says what changed since the one that the loop took before. */
export async function* rostersOf(room: ConferenceRoom): AsyncGenerator<RosterEvent, void> {
  let before: readonly string[] = [];
  let isNew = room.state === 'joined';
  let wake = () => {};
  const onChange = () => {
    isNew = true;
    wake();
  };
  room.addEventListener('roster', onChange);
  room.addEventListener('closed', onChange);
  try {
    for (;;) {
      if (!isNew && room.state !== 'closed') {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (room.state === 'closed') return;
      isNew = false;
      const { streams } = room;
      const roster = new RosterEvent(streams, before);
      before = streams;
      yield roster;
    }
  } finally {
    room.removeEventListener('roster', onChange);
    room.removeEventListener('closed', onChange);
  }
}
