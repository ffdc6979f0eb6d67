/** Nodes that tell one application, under one clock: what they know of each other comes late, and any of them may die. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Failure } from '../../src/hooks/receiver';
import { Signer } from '../../src/hooks/signature';
import { Webhooks } from '../../src/hooks/webhooks';
import { silentLogger } from '../../src/logging/events';
import { Application, SECRET } from './application';
import { ManualClock } from './manual-clock';
import { LedgerStore, MemoryLedger } from './memory-ledger';
import type { SeededRandom } from './random';
import { SuspendedClock } from './suspended-clock';

/** `lost`: the application has it, and its answer does not arrive. */
export type Mood = 'well' | 'failing' | 'gone' | 'lost' | 'slow' | 'moody';

/** Milliseconds until other nodes know, until they give a dead one up, and between two steps. */
const LATEST = 60;
const GIVEN_UP = 10_000;
const STEP = 20;
/** Milliseconds that the application has to answer. */
const ANSWER_TIMEOUT = 5_000;

class Node {
  readonly clock: SuspendedClock;
  readonly webhooks: Webhooks;
  readonly ledger: MemoryLedger | undefined;
  /** Room → who is in it here. */
  readonly own = new Map<string, Set<string>>();
  /** Other nodes → what is known of them. */
  readonly known = new Map<Node, Map<string, readonly string[]>>();
  isDead = false;

  constructor(cluster: HookedCluster, clock: SuspendedClock, ledger: MemoryLedger | undefined) {
    this.clock = clock;
    this.ledger = ledger;
    this.webhooks = new Webhooks({
      ...{ clock, ledger, logger: silentLogger, signer: new Signer([SECRET]) },
      ...{ random: () => cluster.random.next(), grace: 5_000, closed: () => {} },
      post: (body, headers) => cluster.post(this, body, headers),
      listed: (room) => (this.isHere(room) ? this.#all(room) : this.#all(room).length > 0 ? undefined : []),
      isHere: (room) => this.isHere(room),
      isElsewhere: (room) => !this.isHere(room) && this.#all(room).length > 0,
    });
  }

  isHere(room: string): boolean {
    return (this.own.get(room)?.size ?? 0) > 0;
  }

  #all(room: string): string[] {
    const lists = [...this.known.values()].map((rooms) => rooms.get(room) ?? []);
    return [...new Set([...(this.own.get(room) ?? []), ...lists.flat()])].sort();
  }
}

export class HookedCluster {
  readonly clock = new ManualClock();
  readonly application = new Application();
  readonly random: SeededRandom;
  mood: Mood = 'well';
  /** What the application never takes. */
  poison: string | undefined;
  /** What came to it, taken or not. */
  attempts = 0;
  nodes: Node[] = [];
  readonly #store = new LedgerStore(this.clock);
  #started = 0;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  startNode(alone = false): Node {
    const clock = new SuspendedClock(this.clock);
    const name = `node${++this.#started}`;
    const node = new Node(this, clock, alone ? undefined : new MemoryLedger(this.#store, name, clock));
    for (const other of this.nodes) {
      node.known.set(other, new Map([...other.own].map(([room, names]) => [room, [...names]])));
      other.known.set(node, new Map());
    }
    this.nodes.push(node);
    node.webhooks.start();
    return node;
  }

  join(node: Node, room: string, name: string): void {
    const names = node.own.get(room) ?? new Set();
    node.own.set(room, names.add(name));
    this.#changed(node, room);
  }

  leave(node: Node, room: string, name: string): void {
    if (node.own.get(room)?.delete(name)) this.#changed(node, room);
  }

  /** A node ends as a crash would, with its members. */
  kill(node: Node): void {
    node.isDead = true;
    node.ledger?.stop();
    this.nodes = this.nodes.filter((other) => other !== node);
    this.clock.schedule(() => this.#forget(node), GIVEN_UP);
  }

  /** A node stops as it should. */
  stop(node: Node): void {
    node.webhooks.standStill();
    void node.webhooks.stop(Promise.resolve()).then(() => {
      node.isDead = true;
    });
    this.nodes = this.nodes.filter((other) => other !== node);
    this.clock.schedule(() => this.#forget(node), 5_000);
  }

  /** A node is suspended, as by SIGSTOP, with its members; for long, the others give it up until it wakes. */
  suspend(node: Node, milliseconds: number): void {
    node.clock.suspend();
    const isOver = () => node.isDead || !node.clock.isSuspended;
    this.clock.schedule(() => !isOver() && this.#forget(node), GIVEN_UP);
    this.clock.schedule(() => {
      node.clock.wake();
      if (node.isDead) return;
      // Its link has not answered in time.
      if (milliseconds > ANSWER_TIMEOUT && this.random.next() < 0.5) node.ledger?.link();
      for (const other of this.nodes)
        if (other !== node && !other.known.has(node)) other.known.set(node, new Map());
      for (const room of node.own.keys()) this.#tellOthers(node, room);
    }, milliseconds);
  }

  /** Nodes that are not suspended. */
  get awake(): Node[] {
    return this.nodes.filter(({ clock }) => !clock.isSuspended);
  }

  /** Who is where in truth. */
  get truth(): Record<string, string[]> {
    const rooms: Record<string, string[]> = {};
    for (const { own } of this.nodes) {
      for (const [room, names] of own) {
        if (names.size > 0) rooms[room] = [...new Set([...(rooms[room] ?? []), ...names])].sort();
      }
    }
    return rooms;
  }

  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += STEP) {
      this.clock.advance(STEP);
      await turn();
    }
  }

  post(node: Node, body: string, headers: Readonly<Record<string, string>>): Promise<Failure> {
    const mood =
      this.mood === 'moody' ? this.random.pick(['well', 'failing', 'lost', 'slow'] as const) : this.mood;
    return new Promise((resolve) => {
      this.attempts++;
      const isPoison = this.poison !== undefined && body.includes(this.poison);
      const isDown = mood === 'failing' || mood === 'gone' || node.isDead || isPoison;
      if (!isDown && (mood !== 'slow' || this.random.next() < 0.5)) this.application.take(headers, body);
      const failure =
        mood === 'well' && !isPoison ? undefined : { why: mood, ...(mood === 'gone' && { status: 410 }) };
      const tooLate = this.clock.now() + ANSWER_TIMEOUT;
      node.clock.schedule(
        () => resolve(this.clock.now() > tooLate ? { why: 'no answer' } : failure),
        mood === 'slow' ? ANSWER_TIMEOUT : this.random.below(15),
      );
    });
  }

  #changed(node: Node, room: string): void {
    node.webhooks.changed(room);
    this.#tellOthers(node, room);
  }

  #tellOthers(node: Node, room: string): void {
    for (const other of this.nodes) {
      if (other === node) continue;
      const tell = () => {
        if (node.isDead) return;
        other.known.get(node)?.set(room, [...(node.own.get(room) ?? [])]);
        if (other.isHere(room)) other.webhooks.changed(room);
      };
      other.clock.schedule(tell, this.random.below(LATEST));
    }
  }

  #forget(node: Node): void {
    for (const other of this.nodes) {
      const rooms = other.known.get(node) ?? new Map<string, readonly string[]>();
      other.known.delete(node);
      for (const room of rooms.keys()) if (other.isHere(room)) other.webhooks.changed(room);
    }
  }
}
