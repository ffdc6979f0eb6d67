/** Whether a room's rules let somebody in now. Pure. */
import type { Held } from '../../conference/policies';
import { type Close, refusals, withReason } from '../refusals';
import type { Person } from './bans';

/** As a room has them, whether they count still or not. */
export interface Rules {
  maxSize?: Held<number>;
  locked?: Held<true>;
  names?: Held<ReadonlySet<string>>;
}

export interface RoomState {
  /** Sockets in a room now, for who would join it under this name. */
  readonly roomSize: (room: string, newcomer: string) => number;
  /** Whether somebody is in the room, or was lately. */
  readonly isGuest: (person: Person) => boolean;
}

export function isInForce<T>(held: Held<T> | undefined, now: number): held is Held<T> {
  return held !== undefined && held.until > now;
}

/** @returns why the rules keep somebody out; undefined where they do not */
export function rulesRefusal(rules: Rules, person: Person, state: RoomState, now: number): Close | undefined {
  const { maxSize, locked, names } = rules;
  const { room, streamName } = person;
  if (isInForce(names, now) && !names.value.has(streamName)) return refusals.notListed;
  if (isInForce(locked, now) && !state.isGuest(person)) return refusals.locked;
  if (isInForce(maxSize, now) && state.roomSize(room, streamName) >= maxSize.value) {
    return withReason(refusals.roomFull, `the room is full: it takes ${maxSize.value}`);
  }
  return undefined;
}
