/** The use cases: a member is admitted, a member departs, and the room hears of it. */
import type { Clock } from '../clock';
import { Askers, type SentChanges } from './askers';
import type { Backplane, Notes } from './backplane';
import type { BackplaneStatus } from './backplane-status';
import { Delivery, type DeliveryParts, NO_ROSTER, type Receiver } from './delivery';
import type { InFlight } from './in-flight';
import type { Media } from './media';
import { encodeMessage, encodeRoster } from './protocol';
import { type Member, type Room, Rooms, type RoomsView, type RosterStream } from './rooms';

type OnTold = DeliveryParts<Receiver>['onTold'];

export interface ConferenceParts {
  readonly clock: Clock;
  readonly backplane: Backplane;
  readonly media: Media;
  readonly inFlight: InFlight;
  /** Makes of a roster's JSON the bytes that every receiver takes as they are. */
  readonly encode: (json: string) => Uint8Array;
  /** As of a delivery, and what members that speak `conference.2` were sent meanwhile. */
  readonly onTold: (...told: [...Parameters<OnTold>, changes: SentChanges | undefined]) => void;
  /** The roster of a room is another one, or nobody is in it here any more. */
  readonly onChanged?: ((room: string) => void) | undefined;
  /** A change waits for the roster of an earlier one, and so saves one. */
  readonly onShared: () => void;
}

export class Conference<R extends Receiver = Receiver> {
  readonly #rooms = new Rooms<R>();
  readonly #delivery: Delivery<R>;
  readonly #askers: Askers;
  readonly #onShared: () => void;
  readonly #onChanged: ((room: string) => void) | undefined;
  readonly #backplane: Backplane;
  readonly #media: Media;
  /** Undefined where there are no other nodes. */
  readonly #notes: Notes | undefined;

  constructor({ clock, backplane, media, inFlight, encode, onTold, onShared, onChanged }: ConferenceParts) {
    this.#onShared = onShared;
    this.#onChanged = onChanged;
    this.#backplane = backplane;
    this.#media = media;
    this.#notes = backplane.notes;
    this.#askers = new Askers({
      encode,
      streams: (room) => this.streams(room),
      inTurn: (task) => this.inTurn(task),
      notesOf: this.#notes && ((room) => this.#notes?.of(room.name)),
      follow: (room) => this.#notes?.follow(room.name, () => this.held(room)),
      unfollow: (room) => this.#notes?.unfollow(room.name),
    });
    this.#delivery = new Delivery({
      clock,
      inFlight,
      encode: (room) =>
        this.#askers.areAllOf(room) ? NO_ROSTER : encode(encodeRoster(room.encoded, this.streams(room))),
      onTold: (receivers, bytes, duration) => onTold(receivers, bytes, duration, this.#askers.takeSent()),
    });
  }

  /** How many rooms have members on this node. */
  get roomCount(): number {
    return this.#rooms.size;
  }

  /**
   * How many sockets of this node are in a room, and streams of other nodes that nobody here holds. Of sockets that
   * share a stream elsewhere, one counts.
   * @param newcomer a stream that does not count elsewhere: whoever comes back on another node is not in its own way
   */
  roomSize(name: string, newcomer?: string): number {
    return (this.#rooms.get(name)?.members.size ?? 0) + this.#backplane.elsewhere(name, newcomer);
  }

  /** The room that has the most, and how many that is; 0 where there is none. */
  get largestRoom(): number {
    let largest = 0;
    for (const { name } of this.#rooms.values()) largest = Math.max(largest, this.roomSize(name));
    return largest;
  }

  /** The rooms that have members on this node. */
  get rooms(): RoomsView<R> {
    return this.#rooms;
  }

  /** Whom a room's roster lists, in its order. */
  streams(room: Room<Member>): Iterable<RosterStream> {
    return this.#media.streams(room.name, this.held(room));
  }

  /** The names that a room's roster lists; undefined where only other nodes know, or are still to be heard. */
  listed(name: string): string[] | undefined {
    const room = this.#rooms.get(name);
    if (room === undefined) return this.isElsewhere(name) ? undefined : [];
    return this.#backplane.knows(name) ? Array.from(this.streams(room), (stream) => stream.name) : undefined;
  }

  /** Whether somebody is in the room here, and what other nodes hold in it is known. */
  isHere(name: string): boolean {
    return this.#rooms.get(name) !== undefined && this.#backplane.knows(name);
  }

  /** Whether only other nodes hold streams of the room, as far as this one knows. */
  isElsewhere(name: string): boolean {
    return this.#rooms.get(name) === undefined && this.#backplane.elsewhere(name) > 0;
  }

  /** The streams of a room that sockets hold, on all nodes. */
  held({ name, streams }: Room<Member>): Iterable<RosterStream> {
    return this.#backplane.streams(name, streams.values());
  }

  async start(): Promise<void> {
    this.#media.start((room) => this.#roomChangedElsewhere(room));
    this.#notes?.start((room) => this.#roomNotedElsewhere(room));
    await this.#backplane.start((room) => this.#roomChangedElsewhere(room));
  }

  /** Lets a member into its room; the whole room hears the roster, the newcomer included. */
  admit(member: R): void {
    const { room, stream, streamChanged } = this.#rooms.join(member);
    if (room.members.size === 1) this.#media.roomOpened(room.name);
    if (streamChanged) this.#backplane.streamJoined(room.name, stream);
    if (stream !== undefined && member.note !== undefined) this.#notes?.tell(room.name, stream);
    this.#askers.admit(room, member);
    if (stream === undefined) this.#observe(room, member);
    else this.#roomChanged(room, member);
  }

  /** Takes a member out of its room and tells those who stay. Departing twice changes nothing. */
  depart(member: R): void {
    const change = this.#rooms.leave(member);
    if (change === undefined) return;
    const { room, stream, streamChanged } = change;
    if (streamChanged) {
      this.#backplane.streamLeft(room.name, stream);
      this.#notes?.left(room.name, stream.name);
    }
    if (stream === undefined && room.observers === 0) this.#backplane.unwatch(room.name);
    this.#askers.depart(room, member);
    if (room.members.size > 0) {
      if (stream !== undefined) this.#roomChanged(room);
      return;
    }
    this.#delivery.forget(room);
    this.#onChanged?.(room.name);
    this.#media.roomClosed(room.name);
  }

  /** A member tells something else of itself. */
  note(member: R): void {
    const noted = this.#rooms.note(member);
    if (noted === undefined) return;
    this.#notes?.tell(noted.room.name, noted.stream);
    if (this.#backplane.knows(noted.room.name)) this.#askers.noted(noted.room);
  }

  /** Sends a message to those in a room who speak `conference.2`. @param message as JSON @returns how many they are */
  tell(name: string, message: string): number {
    const room = this.#rooms.get(name);
    return room === undefined ? 0 : this.#askers.tell(room, encodeMessage(message));
  }

  /** A member that was behind can take a roster again. */
  catchUp(member: R): void {
    const room = this.#rooms.get(member.room);
    if (room !== undefined && this.#backplane.knows(room.name)) this.#delivery.catchUp(room, member);
  }

  /** Sends a piece of a large roster at once, or when it is its turn. */
  inTurn(send: () => void): void {
    this.#delivery.inTurn(send);
  }

  /** How this node stands with the others. */
  get backplaneStatus(): BackplaneStatus {
    return this.#backplane.status();
  }

  /** Finds out which nodes there are now. Never rejects. */
  lookForNodes(): Promise<void> {
    return this.#backplane.look();
  }

  /**
   * Nobody here is told anything any more, as before all members are sent away: telling those who are left of each
   * who goes would cost n². On the other nodes they stay listed until they are back, or a grace is over.
   */
  fallSilent(): void {
    this.#delivery.close();
    this.#backplane.standStill();
  }

  /** Hands this node's members over to the other nodes. */
  async stop(): Promise<void> {
    this.fallSilent();
    this.#media.stop();
    await this.#backplane.stop();
  }

  /** Nobody else is told, as the roster is the same. */
  #observe(room: Room<R>, member: R): void {
    if (room.observers === 1) this.#backplane.watch(room.name);
    this.catchUp(member);
  }

  #roomChangedElsewhere(name: string): void {
    const room = this.#rooms.get(name);
    if (room !== undefined) this.#roomChanged(room);
  }

  #roomNotedElsewhere(name: string): void {
    const room = this.#rooms.get(name);
    if (room !== undefined && this.#backplane.knows(name)) this.#askers.noted(room);
  }

  #roomChanged(room: Room<R>, newcomer?: R): void {
    if (!this.#backplane.knows(room.name)) return;
    this.#onChanged?.(room.name);
    this.#askers.changed(room);
    if (this.#delivery.changed(room, newcomer)) this.#onShared();
  }
}
