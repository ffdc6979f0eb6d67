/** A room that may move to another primary, with all that is known of it: nobody is unlisted, nobody changes places. */
import type { Connection, KeyRefusal } from './connection';
import type { RoomKeys } from './keys';
import { type RoomOwner, SharedRoom } from './shared-room';

export class MovableRoom extends SharedRoom {
  readonly #home: Home;

  constructor(name: string, keys: RoomKeys, owner: RoomOwner) {
    const home = new Home(owner);
    super(name, keys, home);
    this.#home = home;
  }

  /** The room is another primary's from now on; it is to be synced there. */
  moveTo(owner: RoomOwner): void {
    this.linkLost();
    this.#home.owner = owner;
  }
}

/** Whoever owns the room now. */
class Home implements RoomOwner {
  owner: RoomOwner;

  constructor(owner: RoomOwner) {
    this.owner = owner;
  }

  get self() {
    return this.owner.self;
  }

  get clock() {
    return this.owner.clock;
  }

  get timing() {
    return this.owner.timing;
  }

  get stamps() {
    return this.owner.stamps;
  }

  get sizes() {
    return this.owner.sizes;
  }

  connection(): Connection | undefined {
    return this.owner.connection();
  }

  format(): number {
    return this.owner.format();
  }

  mostThatCanBe(): number {
    return this.owner.mostThatCanBe();
  }

  nextVersion(): number {
    return this.owner.nextVersion();
  }

  versionSeen(version: number): void {
    this.owner.versionSeen(version);
  }

  changed(room: SharedRoom): void {
    this.owner.changed(room);
  }

  leaves(node: string, grace: number): void {
    this.owner.leaves(node, grace);
  }

  stays(node: string): void {
    this.owner.stays(node);
  }

  newcomer(room: SharedRoom): void {
    this.owner.newcomer(room);
  }

  missed(room: SharedRoom): void {
    this.owner.missed(room);
  }

  published(room: string, version: number): void {
    this.owner.published(room, version);
  }

  propagated(milliseconds: number): void {
    this.owner.propagated(milliseconds);
  }

  deserted(room: SharedRoom): void {
    this.owner.deserted(room);
  }

  refused(room: SharedRoom, why: KeyRefusal): void {
    this.owner.refused(room, why);
  }
}
