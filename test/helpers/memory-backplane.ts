/** A backplane of nodes in one process: every list is carried over at once, and nothing is ever lost. */
import { LamportClock } from '../../src/backplane/lamport-clock';
import { RoomReplica } from '../../src/backplane/room-replica';
import { type Backplane, singleNode } from '../../src/conference/backplane';
import type { RosterStream } from '../../src/conference/rooms';

/** The nodes that share their rooms. */
export class MemoryCluster {
  readonly nodes = new Set<MemoryBackplane>();

  newNode(): Backplane {
    return new MemoryBackplane(this, `node ${this.nodes.size}`);
  }
}

class MemoryBackplane implements Backplane {
  readonly #cluster: MemoryCluster;
  readonly #id: string;
  readonly #stamps = new LamportClock();
  readonly #rooms = new Map<string, RoomReplica>();
  #version = 0;
  #roomChanged: (room: string) => void = () => {};

  constructor(cluster: MemoryCluster, id: string) {
    this.#cluster = cluster;
    this.#id = id;
  }

  async start(roomChanged: (room: string) => void): Promise<void> {
    this.#roomChanged = roomChanged;
    for (const other of this.#cluster.nodes) {
      for (const room of other.#rooms.keys()) other.#tell(room, this);
    }
    this.#cluster.nodes.add(this);
  }

  streamJoined(room: string, { name }: RosterStream): void {
    this.#replica(room).join(name);
    this.#tellAll(room);
  }

  streamLeft(room: string, { name }: RosterStream): void {
    this.#replica(room).leave(name);
    this.#tellAll(room);
  }

  watch(): void {}

  unwatch(): void {}

  knows(): boolean {
    return true;
  }

  streams(room: string): Iterable<RosterStream> {
    return this.#replica(room).streams;
  }

  elsewhere(room: string, but?: string): number {
    return this.#replica(room).elsewhere(but);
  }

  status() {
    return { ...singleNode.status(), state: 'live' as const };
  }

  async look(): Promise<void> {}

  standStill(): void {}

  async stop(): Promise<void> {
    this.#cluster.nodes.delete(this);
    for (const other of this.#cluster.nodes) {
      for (const [room, replica] of other.#rooms) if (replica.forget(this.#id)) other.#roomChanged(room);
    }
  }

  #replica(room: string): RoomReplica {
    const replica = this.#rooms.get(room) ?? new RoomReplica(this.#stamps);
    this.#rooms.set(room, replica);
    return replica;
  }

  #tellAll(room: string): void {
    for (const other of this.#cluster.nodes) if (other !== this) this.#tell(room, other);
  }

  #tell(room: string, other: MemoryBackplane): void {
    this.#version++;
    const streams = new Map(this.#replica(room).own);
    const message = { node: this.#id, version: this.#version, streams };
    const { rosterChanged, ownChanged } = other.#replica(room).receive(message);
    if (rosterChanged) other.#roomChanged(room);
    if (ownChanged) other.#tellAll(room);
  }
}
