/** For Vue: the room that a component is in while it is mounted. */
import { type MaybeRefOrGetter, onMounted, type ShallowRef, shallowRef, toValue, watch } from 'vue';
import { joinRoom } from './index';
import { NOT_YET, type RoomSnapshot, show } from './snapshot';
import type { JoinOptions } from './types';

export type { RoomSnapshot } from './snapshot';

/** Joins again when the address, the room or the stream name is another one; other options count from then on. */
export function useRoom(
  address: MaybeRefOrGetter<string>,
  options: MaybeRefOrGetter<JoinOptions>,
): Readonly<ShallowRef<RoomSnapshot>> {
  const snapshot = shallowRef(NOT_YET);
  const names = () => [toValue(address), toValue(options).room, toValue(options).streamName];
  const join = (_names: unknown, _before: unknown, onCleanup: (leave: () => void) => void) => {
    const room = joinRoom(toValue(address), toValue(options));
    onCleanup(
      show(room, (newest) => {
        snapshot.value = newest;
      }),
    );
  };
  // Not on a server, which only renders.
  onMounted(() => watch(names, join, { immediate: true }));
  return snapshot;
}
