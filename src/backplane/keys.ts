/** What is called how in Redis. */
import { createHash } from 'node:crypto';
import { slotOfTag } from './slots';

/** Room names that may stand in a key as they are. */
const PLAIN_ROOM = /^[A-Za-z0-9_.-]{1,64}$/;

export interface RoomKeys {
  /** Hash: node → the message with its list, node+ → the deltas since then. */
  readonly hash: string;
  /** Shard channel on which the same messages are published. */
  readonly channel: string;
}

export interface NodeKeys {
  /** Sorted set: node → when it expires, by the clock of Redis. */
  readonly living: string;
  /** Hash: node → its facts. */
  readonly facts: string;
  /** Hash: node → which lists it has sent lately. */
  readonly digests: string;
  /** Shard channel that nobody listens to: whether it may be used is found out at the start. */
  readonly channel: string;
}

export interface RegisterKeys {
  /** Hash: key → entry. */
  readonly hash: string;
  /** Shard channel on which new entries are told. */
  readonly channel: string;
}

/** The usual tag of what there is once. */
export const NODES = 'nodes';

/** Names of one deployment: its prefix, and its database, which keys know by themselves and channels do not. */
export class Keys {
  readonly #prefix: string;
  readonly #channelSuffix: string;

  constructor(prefix: string, database = 0) {
    this.#prefix = prefix;
    this.#channelSuffix = database === 0 ? 'c' : `c${database}`;
  }

  room(name: string): RoomKeys {
    const tag = `${this.#prefix}:{${roomTag(name)}}`;
    return { hash: `${tag}:h`, channel: `${tag}:${this.#channelSuffix}` };
  }

  /** Shard channel of what nodes tell each other besides their lists. */
  topic(name: string): string {
    return `${this.#prefix}:{${name}}:${this.#channelSuffix}`;
  }

  /** What a register of this name is kept in. */
  register(name: string): RegisterKeys {
    return { hash: `${this.#prefix}:{${name}}:h`, channel: this.topic(name) };
  }

  /** @param hashTag one that lands where these keys are to be */
  nodes(hashTag = NODES): NodeKeys {
    const tag = `${this.#prefix}:{${hashTag}}`;
    return {
      living: `${tag}:z`,
      facts: `${tag}:i`,
      digests: `${tag}:d`,
      channel: `${tag}:${this.#channelSuffix}`,
    };
  }
}

/** The slot of a room's keys. */
export function slotOfRoom(name: string): number {
  return slotOfTag(roomTag(name));
}

/** A hash tag that keeps a room's key and channel on one shard; a raw name could break it (`}x`) or be huge. */
function roomTag(name: string): string {
  if (PLAIN_ROOM.test(name)) return `r.${name}`;
  return `h.${createHash('sha256').update(name).digest('base64url')}`;
}
