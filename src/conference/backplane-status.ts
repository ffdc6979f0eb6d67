/** How a node stands with the others, as health, dashboard and metrics show it. */

/**
 * `alone`: there are no other nodes to share with. `connecting`: not connected yet since the start. `live`: what
 * happens here is heard elsewhere, and the other way round. `degraded`: members here are served as ever, and
 * the other nodes' streams are listed as they were last known, or as far as what is wrong allows.
 */
export type BackplaneState = 'alone' | 'connecting' | 'live' | 'degraded' | 'stopped';

export interface BackplaneStatus {
  readonly state: BackplaneState;
  /** When the state was entered, in milliseconds since the epoch. */
  readonly since: number;
  /** Why it is degraded, and what to do where that is known. */
  readonly why: string | undefined;
  /** This node and those that it knows, the oldest first. Empty where it is alone. */
  readonly nodes: readonly NodeStatus[];
  readonly counts: BackplaneCounts;
}

export interface NodeStatus {
  /** Random, new with each start of the process. */
  readonly id: string;
  /** The machine's name. */
  readonly machine: string;
  /** Whether it is the node that is asked. */
  readonly self: boolean;
  /** `silent`: it has not been heard of lately; its streams stay listed until it is given up. */
  readonly state: 'live' | 'silent';
  /** When its process started, in milliseconds since the epoch, by its own clock. */
  readonly startedAt: number;
  /** Rooms in which it has members, as it said last. */
  readonly rooms: number;
  /** Streams that it holds in them. */
  readonly streams: number;
  /** Of the host; empty where it does not say. */
  readonly version: string;
}

/** Counted since the start. */
export interface BackplaneCounts {
  /** Lists sent to the other nodes. */
  readonly published: number;
  /** Lists received from them. */
  readonly received: number;
  /** Messages that are none, or of a version that this node does not speak. */
  readonly ignored: number;
  /** Times that the link was lost. */
  readonly lost: number;
  /** Periodic reads of a room that put right what no message has told. */
  readonly repaired: number;
}

export interface BackplaneEvents {
  /** The state is another one, or has another reason. */
  state: [status: BackplaneStatus];
  /** A change was carried to the other nodes: milliseconds from the change until the list came back to this one. */
  propagated: [milliseconds: number];
}
