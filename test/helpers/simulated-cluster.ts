/** Nodes over the simulated Redis, in time that passes when the test says so. */
import { EventEmitter } from 'node:events';
import { Network } from '../../simulate/network';
import { SimulatedRedis } from '../../simulate/redis';
import { ProcessClock, VirtualClock } from '../../simulate/virtual-clock';
import type { Connect } from '../../src/backplane/connection';
import { Keys } from '../../src/backplane/keys';
import type { ListSizes } from '../../src/backplane/list-writer';
import type { FormatRange } from '../../src/backplane/message';
import { RedisBackplane } from '../../src/backplane/redis-backplane';
import { defaultTiming, type Timing } from '../../src/backplane/timing';
import type { BackplaneEvents, BackplaneStatus } from '../../src/conference/backplane-status';
import type { Logger } from '../../src/logging/events';
import { ContractNode } from '../contract/backplane';

/** Milliseconds one way. */
const LATENCY = 10;

export interface NewNode {
  readonly timing?: Partial<Timing>;
  readonly formats?: FormatRange;
  readonly sizes?: ListSizes;
  readonly wrap?: (connect: Connect) => Connect;
}

export class NodeOfTest extends ContractNode {
  readonly process: ProcessClock;
  /** What it has written to its log. */
  readonly lines: { readonly level: string; readonly message: string; readonly facts: object }[];
  /** Done when its start is. */
  started: Promise<unknown> = Promise.resolve();
  /** What it has told of its state. */
  readonly states: BackplaneStatus[] = [];
  /** How long its changes took to come back, in milliseconds. */
  readonly propagated: number[] = [];

  constructor(
    backplane: RedisBackplane,
    process: ProcessClock,
    lines: { level: string; message: string; facts: object }[],
    events: EventEmitter<BackplaneEvents>,
  ) {
    super(backplane);
    this.process = process;
    this.lines = lines;
    events.on('state', (status) => this.states.push(status));
    events.on('propagated', (milliseconds) => this.propagated.push(milliseconds));
  }
}

export class SimulatedCluster {
  readonly clock = new VirtualClock();
  readonly redis = new SimulatedRedis(() => 1_700_000_000_000 + this.clock.now());
  readonly network = new Network(this.redis, this.clock, defaultTiming, () => LATENCY);
  readonly keys = new Keys('test');
  #nodes = 0;

  newNode({ timing = {}, formats, sizes, wrap = (connect) => connect }: NewNode = {}): NodeOfTest {
    const process = new ProcessClock(this.clock);
    const lines: { level: string; message: string; facts: object }[] = [];
    const log = (level: string) => (facts: object, message?: string) => {
      lines.push({ level, message: message ?? '', facts });
    };
    const logger: Logger = { debug() {}, info: log('info'), warn: log('warn'), error: log('error') };
    const events = new EventEmitter<BackplaneEvents>();
    const way = { blocked: false };
    const connect = this.network.connect({ clock: process, run: (task) => process.run(task) }, way);
    const backplane = new RedisBackplane({
      self: `n${this.#nodes++}`,
      connect: wrap(connect),
      keys: this.keys,
      clock: process,
      timing: { ...defaultTiming, ...timing },
      random: () => 0.5,
      logger,
      events,
      ...(formats === undefined ? {} : { formats }),
      ...(sizes === undefined ? {} : { sizes }),
    });
    const node = new NodeOfTest(backplane, process, lines, events);
    node.started = node.start();
    return node;
  }

  /** Time passes, and all that is due in it is done. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    for (let more = true; more; ) {
      await new Promise(setImmediate);
      more = this.clock.step(end);
    }
  }
}
