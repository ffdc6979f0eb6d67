/** How the host is: what /healthz and the dashboard tell. */

/** A part that does not work as it should, while everything else goes on. */
export interface Degradation {
  /** Such as `backplane`; anybody may read it. */
  readonly part: string;
  /** In milliseconds since the epoch. */
  readonly since: number;
  /** For the operator. */
  readonly reason: string;
}

/** Another node, or this one, as the backplane knows it. */
export interface NodeFacts {
  readonly id: string;
  readonly machine: string;
  readonly self: boolean;
  readonly state: string;
  readonly rooms: number;
  readonly streams: number;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly degradations: readonly Degradation[];
  /** `alone` where rooms are not shared with other nodes. */
  readonly backplane: { readonly state: string; readonly nodes: readonly NodeFacts[] };
}

/** The host's health from those of its parts that are degraded. */
export function healthOf(degradations: readonly Degradation[], backplane: Health['backplane']): Health {
  return { status: degradations.length === 0 ? 'ok' : 'degraded', degradations, backplane };
}
