/** A node: the real backplane in a process of its own, with the members that a host would have. */
import { EventEmitter } from 'node:events';
import type { Keys } from '../src/backplane/keys';
import type { ListSizes } from '../src/backplane/list-writer';
import { FORMATS, type FormatRange } from '../src/backplane/message';
import { RedisBackplane } from '../src/backplane/redis-backplane';
import type { Timing } from '../src/backplane/timing';
import type { BackplaneEvents } from '../src/conference/backplane-status';
import { type Member, type Room, Rooms } from '../src/conference/rooms';
import { silentLogger } from '../src/logging/events';
import { Follower } from './follower';
import type { Network, Way } from './network';
import { asOldNode } from './old-node';
import { ProcessClock, type VirtualClock } from './virtual-clock';

export interface NodeParts {
  readonly name: string;
  readonly network: Network;
  readonly clock: VirtualClock;
  readonly timing: Timing;
  readonly keys: Keys;
  readonly random: () => number;
  readonly formats: FormatRange;
  readonly sizes: ListSizes;
  /** What the node lists in a room may be another. */
  readonly onChange: (node: SimulatedNode, room: string) => void;
}

export class SimulatedNode {
  readonly name: string;
  readonly formats: FormatRange;
  readonly clock: ProcessClock;
  readonly way: Way = { blocked: false };
  readonly backplane: RedisBackplane;
  readonly rooms = new Rooms<Member>();
  readonly #onChange: NodeParts['onChange'];
  /** One in each room that has members. */
  readonly #followers = new WeakMap<Room<Member>, Follower>();
  /** Killed, or stopped for good. */
  ended = false;
  /** Done when it has stopped; undefined where nobody has asked it to. */
  stopping: Promise<void> | undefined;

  constructor({ name, network, clock, timing, keys, random, formats, sizes, onChange }: NodeParts) {
    this.name = name;
    this.formats = formats;
    this.clock = new ProcessClock(clock);
    this.#onChange = onChange;
    const connect = network.connect({ clock: this.clock, run: (task) => this.clock.run(task) }, this.way);
    this.backplane = new RedisBackplane({
      self: name,
      connect: formats.newest < FORMATS.newest ? asOldNode(connect, formats, network) : connect,
      keys,
      clock: this.clock,
      timing,
      random,
      formats,
      sizes,
      logger: silentLogger,
      events: new EventEmitter<BackplaneEvents>(),
    });
    void this.backplane.start((room) => this.#onChange(this, room));
  }

  /** It lives, and lets members in. */
  get serves(): boolean {
    return !this.ended && this.stopping === undefined && !this.clock.frozen;
  }

  /** Whether it has subscribed to the room. */
  hears(name: string): boolean {
    return [...this.backplane.rooms].some((room) => room.name === name && room.state !== 'opening');
  }

  join(member: Member): void {
    const { room, stream, streamChanged } = this.rooms.join(member);
    if (streamChanged) this.backplane.streamJoined(room.name, stream);
    this.#onChange(this, member.room);
  }

  leave(member: Member): void {
    const change = this.rooms.leave(member);
    if (change?.streamChanged) this.backplane.streamLeft(change.room.name, change.stream);
    this.#onChange(this, member.room);
  }

  /**
   * What its members hear, whether they take rosters or changes; undefined where it has none in the room, or does not
   * know the room yet.
   * @throws where they hear different things
   */
  roster(name: string): string[] | undefined {
    const room = this.rooms.get(name);
    if (room === undefined || !this.backplane.knows(name)) return undefined;
    const streams = () => this.backplane.streams(name, room.streams.values());
    const roster = Array.from(streams(), (stream) => stream.name);
    const follower = this.#followers.get(room) ?? new Follower(name, streams);
    this.#followers.set(room, follower);
    const followed = follower.list();
    if (JSON.stringify(followed) === JSON.stringify(roster)) return roster;
    throw new Error(`${this.name} tells ${followed} of ${roster} in ${name}`);
  }

  kill(): void {
    this.ended = true;
    this.clock.end();
  }

  /** As a host closes: all members are sent away, and the other nodes are told. */
  stop(): Promise<void> {
    this.stopping ??= Promise.resolve();
    this.backplane.standStill();
    const members = [...this.rooms.values()].flatMap((room) => [...room.members]);
    for (const member of members) this.leave(member);
    this.stopping = this.backplane.stop().then(() => {
      this.ended = true;
    });
    return this.stopping;
  }
}
