/** The limits of this node against their use, as the API shows them. */
import { MOST_IN_FLIGHT } from './conference/in-flight';
import type { Limits } from './door/limits';
import type { Limit } from './http/shapes';
import { type Settings, variableOf } from './settings/table';

export type LimitSettings = Pick<Settings, 'maxConnections' | 'maxConnectionsPerIp' | 'maxRoomSize'>;

/** What else is in use: members of the largest room, and bytes that have not left yet. */
export interface Use {
  readonly largestRoom: number;
  readonly bytes: number;
}

/** Each by its variable; of limits by room or address, the one with the most. */
export function limitsInUse(
  { maxConnections, maxConnectionsPerIp, maxRoomSize }: LimitSettings,
  { use: { members, fromOneAddress } }: Pick<Limits, 'use'>,
  { largestRoom, bytes }: Use,
): Limit[] {
  const unit = 'sockets';
  return [
    { name: variableOf('maxConnections'), used: members, most: maxConnections, unit },
    { name: variableOf('maxConnectionsPerIp'), used: fromOneAddress, most: maxConnectionsPerIp, unit },
    { name: variableOf('maxRoomSize'), used: largestRoom, most: maxRoomSize, unit },
    { name: 'BYTES_UNDER_WAY', used: bytes, most: MOST_IN_FLIGHT, unit: 'bytes' },
  ];
}
