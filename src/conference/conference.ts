/** The use cases: a member is admitted, a member departs, and the room hears of it. */
import type { Backplane, BackplaneStatus } from './backplane';
import { Broadcaster, type Clock } from './broadcaster';
import { encodeRoster } from './protocol';
import { type Member, type Room, Rooms } from './rooms';

/** A member that can be told: its socket, as far as the conference knows it. */
export interface Peer extends Member {
  /** Sends the newest roster. Never throws and never waits: a slow or broken peer is its own affair. */
  tell(roster: Uint8Array): void;
}

export interface ConferenceParts {
  readonly clock: Clock;
  readonly backplane: Backplane;
  /** Makes of a roster's JSON the bytes that every peer sends as they are. */
  readonly encode: (json: string) => Uint8Array;
}

export class Conference {
  readonly #rooms = new Rooms<Peer>();
  readonly #broadcaster: Broadcaster<Room<Peer>>;
  readonly #backplane: Backplane;
  readonly #encode: (json: string) => Uint8Array;

  constructor({ clock, backplane, encode }: ConferenceParts) {
    this.#broadcaster = new Broadcaster(clock, (room) => this.#tell(room));
    this.#backplane = backplane;
    this.#encode = encode;
  }

  /** How many rooms have members on this node. */
  get roomCount(): number {
    return this.#rooms.size;
  }

  /** How many sockets of this node are in a room. */
  roomSize(name: string): number {
    return this.#rooms.get(name)?.members.size ?? 0;
  }

  async start(): Promise<void> {
    await this.#backplane.start((room) => this.#roomChangedElsewhere(room));
  }

  /** Lets a member into its room; the whole room hears the roster, the newcomer included. */
  admit(peer: Peer): void {
    const { room, stream, streamChanged } = this.#rooms.join(peer);
    if (streamChanged) this.#backplane.streamJoined(room.name, stream);
    this.#roomChanged(room);
  }

  /** Takes a member out of its room and tells those who stay. Departing twice changes nothing. */
  depart(peer: Peer): void {
    const change = this.#rooms.leave(peer);
    if (change === undefined) return;
    const { room, stream, streamChanged } = change;
    if (streamChanged) this.#backplane.streamLeft(room.name, stream);
    if (room.members.size === 0) this.#broadcaster.forget(room);
    else this.#roomChanged(room);
  }

  /** How this node stands with the others. */
  get backplaneStatus(): BackplaneStatus {
    return this.#backplane.status();
  }

  /**
   * Nobody here is told anything any more, as before all members are sent away: telling those who are left of each
   * who goes would cost n². The other nodes are told as ever.
   */
  fallSilent(): void {
    this.#broadcaster.close();
  }

  /** Takes what is left of this node's members out of the other nodes' rosters. */
  async stop(): Promise<void> {
    this.fallSilent();
    await this.#backplane.stop();
  }

  #roomChangedElsewhere(name: string): void {
    const room = this.#rooms.get(name);
    if (room !== undefined) this.#roomChanged(room);
  }

  #roomChanged(room: Room<Peer>): void {
    if (this.#backplane.knows(room.name)) this.#broadcaster.changed(room);
  }

  #tell(room: Room<Peer>): void {
    const streams = this.#backplane.streams(room.name, room.streams.values());
    const roster = this.#encode(encodeRoster(room.encoded, streams));
    for (const peer of room.members) peer.tell(roster);
  }
}
