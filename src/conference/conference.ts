/** The use cases: a member is admitted, a member departs, and the room hears of it. */
import type { Clock } from '../clock';
import type { Backplane } from './backplane';
import type { BackplaneStatus } from './backplane-status';
import { Broadcaster } from './broadcaster';
import type { Events } from './events';
import { encodeRoster } from './protocol';
import { type Member, type Room, Rooms, type RoomsView, type RosterStream } from './rooms';

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
  /** Hears `told` and `shared`. */
  readonly events?: Events;
}

export class Conference<P extends Peer = Peer> {
  readonly #rooms = new Rooms<P>();
  readonly #broadcaster: Broadcaster<Room<P>>;
  readonly #clock: Clock;
  readonly #events: Events | undefined;
  readonly #backplane: Backplane;
  readonly #encode: (json: string) => Uint8Array;

  constructor({ clock, backplane, encode, events }: ConferenceParts) {
    this.#clock = clock;
    this.#events = events;
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

  /** The rooms that have members on this node. */
  get rooms(): RoomsView<P> {
    return this.#rooms;
  }

  /** The streams of a room on all nodes, in the roster's order. */
  streams({ name, streams }: Room<Member>): Iterable<RosterStream> {
    return this.#backplane.streams(name, streams.values());
  }

  async start(): Promise<void> {
    await this.#backplane.start((room) => this.#roomChangedElsewhere(room));
  }

  /** Lets a member into its room; the whole room hears the roster, the newcomer included. */
  admit(peer: P): void {
    const { room, stream, streamChanged } = this.#rooms.join(peer);
    if (streamChanged) this.#backplane.streamJoined(room.name, stream);
    this.#roomChanged(room);
  }

  /** Takes a member out of its room and tells those who stay. Departing twice changes nothing. */
  depart(peer: P): void {
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

  #roomChanged(room: Room<P>): void {
    if (!this.#backplane.knows(room.name)) return;
    if (this.#broadcaster.changed(room)) this.#events?.emit('shared');
  }

  #tell(room: Room<P>): void {
    const startedAt = this.#clock.now();
    const roster = this.#encode(encodeRoster(room.encoded, this.streams(room)));
    const receivers = room.members.size;
    for (const peer of room.members) peer.tell(roster);
    const duration = this.#clock.now() - startedAt;
    this.#events?.emit('told', { receivers, bytes: roster.length, duration });
  }
}
