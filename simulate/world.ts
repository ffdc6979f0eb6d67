/** One run: nodes, Redis and clients in virtual time, and what happens to them. */
import { Keys } from '../src/backplane/keys';
import { FORMATS, HANDOVER_FORMAT } from '../src/backplane/message';
import { defaultTiming } from '../src/backplane/timing';
import { SeededRandom } from '../test/helpers/random';
import { Crowd } from './crowd';
import { EVICTED, Excuses, LOST_MESSAGE, RECOVERY_OF_MANY } from './excuses';
import { findLeftovers, findUntruth } from './final-checks';
import { Forger } from './forger';
import { Network } from './network';
import { SimulatedNode } from './node';
import { BUSY, NODES, type Plan, QUIET, ROOMS, type Step } from './plan';
import { SimulatedRedis } from './redis';
import { VirtualClock } from './virtual-clock';
import { Witness } from './witness';

/** When Redis' own clock shows this, the run begins. */
const EPOCH = 1_700_000_000_000;
/** Milliseconds between two looks at everything, and that the way back to the truth takes after a fault. */
const LOOK = 500;
const RECOVERY = 6_000;
/** A ghost of a crash, and of a node that has said goodbye. */
const GHOST = 13_000;
const GOODBYE = 8_000;
/** A node that is away for longer may be given up. */
const PATIENCE = 4_000;
/** Shares of the messages that are lost, and doubled, while messages are lost. */
const LOSS = 0.3;
const DOUBLED = 0.1;

export class World {
  readonly #plan: Plan;
  readonly #clock = new VirtualClock();
  readonly #redis = new SimulatedRedis(() => EPOCH + this.#clock.now());
  readonly #random: SeededRandom;
  readonly #network: Network;
  readonly #excuses = new Excuses();
  readonly #witness: Witness;
  readonly #crowd: Crowd;
  readonly #forger: Forger;
  readonly #keys = new Keys('sim');
  readonly #nodes: SimulatedNode[] = [];
  readonly #snapshots: { readonly at: number; readonly data: ReturnType<SimulatedRedis['copy']> }[] = [];
  readonly #needsSnapshots: boolean;
  readonly #slack: number;
  readonly #ghostRecovery: number;
  /** Keys without an expiry at the last look: one command may be on its way. */
  readonly #everlasting = new Set<string>();
  #losesUntil = 0;
  /** When a node that cannot hand over has ended last: the others know of it for a while yet. */
  #oldGoneAt = -Infinity;
  #born = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#needsSnapshots = plan.steps.some(({ what }) => what === 'a stale replica is promoted');
    this.#random = new SeededRandom(Math.imul(plan.seed, 0x85ebca6b) ^ 0xc2b2ae35);
    const random = () => this.#random.next();
    const latency = () => plan.latency + random() * plan.spread;
    const way = plan.latency + plan.spread;
    this.#slack = 8 * way + 12 * plan.idleRooms;
    const faults = plan.steps.filter(({ what }) => !['join', 'leave', 'move'].includes(what));
    this.#ghostRecovery = faults.length > 1 ? RECOVERY_OF_MANY : RECOVERY;
    this.#network = new Network(this.#redis, this.#clock, defaultTiming, latency);
    this.#network.copies = () => (this.#clock.now() < this.#losesUntil ? copies(random()) : 1);
    const limits = { join: 2_000 + 10 * way, ghost: GHOST + 10 * way };
    this.#witness = new Witness(
      this.#excuses,
      limits,
      () => this.#clock.now(),
      () => this.#crowd.presences(),
    );
    this.#crowd = new Crowd({
      witness: this.#witness,
      random,
      schedule: (task, delay) => this.#clock.schedule(task, delay),
      nodes: () => this.#nodes,
    });
    this.#forger = new Forger({
      redis: this.#redis,
      keys: this.#keys,
      random: this.#random,
      clock: this.#clock,
      excuses: this.#excuses,
      slack: this.#slack,
      reached: () => this.#nodes.filter(({ way }) => this.#network.carries(way)),
      losesMessages: () => this.#clock.now() < this.#losesUntil,
    });
  }

  /** Of all that was listed in the run. */
  get checksum(): number {
    return this.#witness.checksum;
  }

  /** @returns what must not have been; undefined where all was well */
  async run(): Promise<string | undefined> {
    for (let slot = 0; slot < NODES; slot++) this.#startNode(slot);
    for (let room = 0; room < this.#plan.idleRooms; room++) {
      this.#nodes[0]?.join({ room: `idle ${room}`, streamName: 'nobody' });
    }
    for (const step of this.#plan.steps) this.#clock.schedule(() => this.#do(step), step.at);
    this.#lookAgain();
    await this.#until(BUSY + QUIET + this.#slack);
    if (this.#witness.violation !== undefined) return this.#witness.violation;
    const live = this.#nodes.filter(({ ended }) => !ended);
    this.#check(findUntruth(live, [...this.#crowd.presences()], this.#keys, this.#redis));
    if (this.#witness.violation !== undefined) return this.#witness.violation;
    this.#witness.close();
    for (const node of live) void node.stop();
    await this.#until(this.#clock.now() + 5_000 + this.#slack);
    this.#check(findLeftovers(live, this.#redis));
    return this.#witness.violation;
  }

  async #until(end: number): Promise<void> {
    while (this.#witness.violation === undefined && this.#clock.step(end)) await drained();
  }

  #check(problem: string | undefined): void {
    if (problem !== undefined) this.#witness.fail(problem);
  }

  #startNode(slot: number): void {
    const name = `n${this.#born++}`;
    this.#excuses.excuse('changes', `node ${name}`, this.#clock.now() + RECOVERY + this.#slack);
    this.#nodes[slot] = new SimulatedNode({
      name,
      network: this.#network,
      clock: this.#clock,
      timing: defaultTiming,
      keys: this.#keys,
      random: () => this.#random.next(),
      formats: this.#isOld(slot) ? { oldest: 1, newest: this.#plan.oldFormat } : FORMATS,
      sizes: this.#plan.sizes,
      onChange: (node, room) => this.#witness.look(node, room),
    });
  }

  /** Whether the next node of this slot is an old one. */
  #isOld(slot: number): boolean {
    const isFirst = this.#nodes[slot] === undefined;
    if (this.#plan.oldNodes === 'one') return slot === 1;
    return this.#plan.oldNodes === (isFirst ? 'first' : 'later');
  }

  #lookAgain(): void {
    const now = this.#clock.now();
    for (const node of this.#nodes) for (const room of ROOMS) this.#witness.look(node, room);
    for (const key of this.#redis.keys()) {
      if (this.#redis.timeLeft(key) !== undefined || this.#redis.typeOf(key) === 'text') continue;
      if (this.#everlasting.has(key)) this.#witness.fail(`the key ${key} never expires`);
      this.#everlasting.add(key);
    }
    if (this.#needsSnapshots && now % 1_000 === 0)
      this.#snapshots.push({ at: now, data: this.#redis.copy() });
    if (this.#snapshots.length > 12) this.#snapshots.shift();
    this.#clock.schedule(() => this.#lookAgain(), LOOK);
  }

  #do(step: Step): void {
    const node = 'node' in step ? this.#nodes[step.node] : undefined;
    switch (step.what) {
      case 'join':
        if (node !== undefined && !this.#crowd.holds(nameOf(step.client)))
          this.#crowd.join(nameOf(step.client), ROOMS[step.room] ?? '', node);
        break;
      case 'move':
        if (node !== undefined) this.#crowd.move(nameOf(step.client), ROOMS[step.room] ?? '', node);
        break;
      case 'leave':
        this.#crowd.leave(nameOf(step.client));
        break;
      case 'redis dies':
        this.#killRedis(step.lasts);
        break;
      case 'redis freezes':
        this.#network.freezeRedis();
        this.#clock.schedule(() => this.#network.thawRedis(), step.lasts);
        this.#everythingRecovers(step.lasts);
        break;
      case 'lose messages':
        this.#losesUntil = Math.max(this.#losesUntil, this.#clock.now() + step.lasts);
        this.#everythingRecovers(step.lasts + LOST_MESSAGE);
        break;
      case 'redis is emptied':
        this.#redis.flush();
        this.#everythingRecovers(0);
        break;
      case 'redis restarts with its data':
        this.#network.cut();
        this.#everythingRecovers(0);
        break;
      case 'redis evicts':
        this.#redis.deleteKey(this.#random.pick([...this.#redis.keys(), '']));
        this.#everythingRecovers(EVICTED);
        break;
      case 'a stale replica is promoted':
        this.#promote(step.age);
        break;
      case 'a foreign key':
        this.#forger.setKey(ROOMS[step.room] ?? '', step.lasts);
        break;
      case 'a foreign message':
        this.#forger.sendMessage(ROOMS[step.room] ?? '', step.version, step.stored);
        break;
      case 'a foreign delta':
        this.#forger.sendDelta(ROOMS[step.room] ?? '');
        break;
      default:
        if (node !== undefined && !node.ended) this.#harm(node, step);
    }
  }

  #harm(node: SimulatedNode, step: Step & { node: number }): void {
    switch (step.what) {
      case 'kill':
        this.#kill(node, step.node);
        break;
      case 'stop':
        this.#stop(node, step.node);
        break;
      case 'cut':
        this.#recovers(node, 0);
        this.#network.cut(node.way);
        break;
      case 'silence':
        this.#recovers(node, PATIENCE);
        this.#network.silence(node.way);
        break;
      case 'freeze':
        this.#recovers(node, step.lasts);
        node.clock.freeze();
        this.#clock.schedule(() => node.clock.thaw(), step.lasts);
        break;
      case 'block':
        this.#recovers(node, step.lasts);
        node.way.blocked = true;
        this.#network.silence(node.way);
        this.#clock.schedule(() => {
          node.way.blocked = false;
        }, step.lasts);
    }
  }

  /** A node is on its own for so long, and needs its time after that. */
  #recovers(node: SimulatedNode, lasts: number): void {
    this.#forger.connectionsLost();
    const scope = `node ${node.name}` as const;
    const end = this.#clock.now() + lasts + this.#slack;
    this.#excuses.excuse('changes', scope, end + RECOVERY);
    this.#excuses.excuse('ghosts', scope, end + this.#ghostRecovery);
    if (lasts > PATIENCE) this.#excuses.excuse('presence', scope, end + RECOVERY + GHOST);
  }

  #kill(node: SimulatedNode, slot: number): void {
    node.kill();
    this.#network.cut(node.way);
    this.#crowd.nodeDied(node);
    this.#replace(node, slot);
  }

  #stop(node: SimulatedNode, slot: number): void {
    if (!node.serves) return;
    const isHeard = this.#network.up && !this.#network.frozen && this.#network.carries(node.way);
    this.#crowd.nodeStops(
      node,
      (isHeard ? GOODBYE : GHOST) + 10 * (this.#plan.latency + this.#plan.spread),
      isHeard && this.#handsOver(),
    );
    void node.stop();
    this.#replace(node, slot);
  }

  /** Whether all understand that a node hands its streams over. */
  #handsOver(): boolean {
    if (this.#clock.now() < this.#oldGoneAt + GHOST + this.#slack) return false;
    return this.#nodes.every(({ formats, ended }) => ended || formats.newest >= HANDOVER_FORMAT);
  }

  #replace(node: SimulatedNode, slot: number): void {
    if (node.formats.newest < HANDOVER_FORMAT) this.#oldGoneAt = this.#clock.now();
    this.#clock.schedule(() => {
      if (this.#nodes[slot] === node) this.#startNode(slot);
    }, 200 + this.#random.below(3_000));
  }

  #killRedis(lasts: number): void {
    this.#network.kill();
    this.#clock.schedule(() => {
      this.#redis.flush();
      this.#network.start();
    }, lasts);
    this.#everythingRecovers(lasts);
  }

  #promote(age: number): void {
    const snapshot = this.#snapshots.findLast(({ at }) => at <= this.#clock.now() - age);
    if (snapshot !== undefined) this.#redis.restore(snapshot.data);
    for (const key of this.#redis.keys()) if (this.#redis.typeOf(key) === 'text') this.#redis.deleteKey(key);
    this.#network.cut();
    this.#everythingRecovers(0);
  }

  #everythingRecovers(lasts: number): void {
    this.#forger.connectionsLost();
    const end = this.#clock.now() + lasts + this.#slack;
    this.#excuses.excuse('changes', 'all', end + RECOVERY);
    this.#excuses.excuse('ghosts', 'all', end + this.#ghostRecovery);
  }
}

/** @param chance from 0 up to 1 */
function copies(chance: number): number {
  if (chance < LOSS) return 0;
  return chance < LOSS + DOUBLED ? 2 : 1;
}

function nameOf(client: number): string {
  return `c${client}`;
}

/** All promises that can settle have settled, and all that follows from them has been done. */
function drained(): Promise<void> {
  return new Promise(setImmediate);
}
