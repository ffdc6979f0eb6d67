/** The clients: who is where, and where those go whose node is gone. */
import type { Member } from '../src/conference/rooms';
import type { SimulatedNode } from './node';
import type { Presence, Witness } from './witness';

/** A place in a room on a node, that one of its clients holds. */
interface Hold {
  readonly name: string;
  readonly room: string;
  readonly node: SimulatedNode;
  readonly member: Member;
}

/** Milliseconds until a client tries again where no node takes it, and how often. */
const RETRY = 500;
const RETRIES = 4;

export interface CrowdParts {
  readonly witness: Witness;
  readonly random: () => number;
  readonly schedule: (task: () => void, delay: number) => void;
  readonly nodes: () => readonly SimulatedNode[];
}

export class Crowd {
  readonly #parts: CrowdParts;
  readonly #holds = new Set<Hold>();

  constructor(parts: CrowdParts) {
    this.#parts = parts;
  }

  *presences(): Iterable<Presence> {
    const seen = new Map<string, { name: string; room: string; nodes: string[] }>();
    for (const { name, room, node } of this.#holds) {
      const key = `${room} ${name}`;
      const known = seen.get(key);
      if (known === undefined) seen.set(key, { name, room, nodes: [node.name] });
      else known.nodes.push(node.name);
    }
    yield* seen.values();
  }

  holds(name: string): boolean {
    return [...this.#holds].some((hold) => hold.name === name);
  }

  join(name: string, room: string, node: SimulatedNode): void {
    if (!node.serves) return;
    this.#parts.witness.changed(name);
    this.#add(name, room, node);
  }

  leave(name: string): void {
    for (const hold of [...this.#holds]) if (hold.name === name) this.#leave(hold);
  }

  /** The new socket is there before the old one is gone, or after it. */
  move(name: string, room: string, node: SimulatedNode): void {
    const { random, schedule } = this.#parts;
    const old = [...this.#holds].filter((hold) => hold.name === name);
    if (!node.serves || old.length === 0) return;
    this.join(name, room, node);
    for (const hold of old) schedule(() => this.#leave(hold), random() < 0.5 ? 0 : random() * 300);
  }

  /** The node is dead: its clients find out, and most of them come back elsewhere. */
  nodeDied(node: SimulatedNode): void {
    const { random, schedule, witness } = this.#parts;
    for (const hold of [...this.#holds]) {
      if (hold.node !== node) continue;
      this.#holds.delete(hold);
      witness.left(hold.name, node.name);
      if (random() < 0.7) schedule(() => this.#tryAgain(hold, RETRIES), random() * 4_000);
    }
  }

  /**
   * The node tells its clients to go: most come back elsewhere within a moment, and are never missing; the others
   * are listed for as long as their node may be waited for.
   * @param handsOver whether all nodes understand that; where some do not, nobody is waited for
   */
  nodeStops(node: SimulatedNode, limit: number, handsOver: boolean): void {
    const { random, schedule } = this.#parts;
    for (const hold of [...this.#holds]) {
      if (hold.node !== node) continue;
      const comesBack = random() < 0.85;
      if (comesBack && handsOver) {
        schedule(() => this.#comeBack(hold, RETRIES), random() * 2_000);
        continue;
      }
      this.#goFrom(hold, limit);
      if (comesBack) schedule(() => this.#tryAgain(hold, RETRIES), random() * 2_000);
    }
  }

  #comeBack(hold: Hold, retries: number): void {
    const { schedule, witness } = this.#parts;
    if (!this.#holds.has(hold)) return;
    const node = this.#someNode();
    if (node !== undefined) {
      witness.cameBack(hold.name);
      this.#add(hold.name, hold.room, node);
      this.#holds.delete(hold);
    } else if (retries > 0) schedule(() => this.#comeBack(hold, retries - 1), RETRY);
    else this.#goFrom(hold, undefined);
  }

  #tryAgain(hold: Hold, retries: number): void {
    if (this.holds(hold.name)) return;
    const node = this.#someNode();
    if (node !== undefined) this.join(hold.name, hold.room, node);
    else if (retries > 0) this.#parts.schedule(() => this.#tryAgain(hold, retries - 1), RETRY);
  }

  #someNode(): SimulatedNode | undefined {
    const serving = this.#parts.nodes().filter((node) => node.serves);
    return serving[Math.floor(this.#parts.random() * serving.length)];
  }

  #add(name: string, room: string, node: SimulatedNode): void {
    const member = { room, streamName: name };
    this.#holds.add({ name, room, node, member });
    node.join(member);
  }

  #leave(hold: Hold): void {
    if (!this.#holds.has(hold)) return;
    this.#goFrom(hold, undefined);
    // A frozen process hears of it when it thaws.
    if (!hold.node.ended) hold.node.clock.run(() => hold.node.leave(hold.member));
  }

  #goFrom(hold: Hold, limit: number | undefined): void {
    this.#holds.delete(hold);
    this.#parts.witness.left(hold.name, hold.node.name, limit);
  }
}
