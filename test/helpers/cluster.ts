/** Nodes that share a Redis, the clients in their rooms, and what all of them should see. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BackplaneOverrides } from '../../src/backplane/create';
import type { Timing } from '../../src/backplane/timing';
import type { BackplaneStatus } from '../../src/conference/backplane';
import { ConferenceHost, type HostOptions } from '../../src/host';
import { quickTiming } from './timing';
import { Watcher } from './watcher';

export interface ClusterNode {
  readonly url: string;
  close(): Promise<void>;
}

/** A node in the test's own process. */
export interface LocalNode extends ClusterNode {
  readonly host: ConferenceHost;
  /** Settles when the backplane is in this state. */
  until(state: BackplaneStatus['state']): Promise<BackplaneStatus>;
}

/** A node in a process of its own. */
export interface NodeProcess extends ClusterNode {
  readonly child: ChildProcess;
}

/** Runs a host with options and durations that come as JSON, and closes it on SIGTERM as `main.js` does. */
const NODE_PROGRAM = `
const { ConferenceHost } = require(process.argv[1]);
const [options, backplane] = JSON.parse(process.argv[2]);
const host = new ConferenceHost(options, { backplane });
process.on('SIGTERM', () => host.close().then(() => process.exit()));
host.start().then(({ port }) => console.log(port));
`;
const HOST_MODULE = join(__dirname, '..', '..', 'dist', 'host.js');

/** Milliseconds between two looks at what thousands of clients see, and until they must agree. */
const LOOK = 10;
const AGREEMENT = 20_000;

export class Cluster {
  readonly #options: HostOptions;
  readonly #timing: Timing;
  readonly #nodes = new Set<ClusterNode>();
  readonly #watchers = new Map<Watcher, ClusterNode>();
  #onRoster: () => void = () => {};

  constructor(redisUrl: string, timing: Timing = quickTiming) {
    this.#options = { port: 0, host: '127.0.0.1', redisUrl };
    this.#timing = timing;
  }

  async newNode(options: HostOptions = {}, overrides: BackplaneOverrides = {}): Promise<LocalNode> {
    const backplane = { timing: this.#timing, ...overrides };
    const host = new ConferenceHost({ ...this.#options, ...options }, { backplane });
    const until = async (state: BackplaneStatus['state']) => {
      while (host.backplaneStatus.state !== state) await once(host.backplaneEvents, 'state');
      return host.backplaneStatus;
    };
    const { port } = await host.start();
    const node = { host, url: `ws://127.0.0.1:${port}`, until, close: () => host.close() };
    this.#nodes.add(node);
    return node;
  }

  async newProcess(options: HostOptions = {}): Promise<NodeProcess> {
    const setup = JSON.stringify([{ ...this.#options, ...options }, { timing: this.#timing }]);
    const child = spawn(process.execPath, ['-e', NODE_PROGRAM, HOST_MODULE, setup], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const [port] = await once(lines, 'line');
    const close = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
    const node = { child, url: `ws://127.0.0.1:${port}`, close };
    this.#nodes.add(node);
    return node;
  }

  /** Lets a client join a room on a node. */
  async join(node: ClusterNode, room: string, name: string): Promise<Watcher> {
    const watcher = await Watcher.join(node.url, room, name, () => this.#onRoster());
    this.#watchers.set(watcher, node);
    return watcher;
  }

  async leave(watcher: Watcher): Promise<void> {
    this.#watchers.delete(watcher);
    await watcher.leave();
  }

  clientsOf(node: ClusterNode): Watcher[] {
    return [...this.#watchers].filter(([, at]) => at === node).map(([watcher]) => watcher);
  }

  /** The node and its clients are no part of the truth any more; what becomes of them is the test's affair. */
  forget(node: ClusterNode): Watcher[] {
    const forgotten = this.clientsOf(node);
    for (const watcher of forgotten) this.#watchers.delete(watcher);
    return forgotten;
  }

  remember(node: ClusterNode, watchers: readonly Watcher[]): void {
    for (const watcher of watchers) this.#watchers.set(watcher, node);
  }

  /** Kills a node as a crash would. */
  async kill(node: NodeProcess): Promise<void> {
    for (const watcher of this.forget(node)) watcher.terminate();
    node.child.kill('SIGKILL');
    await once(node.child, 'exit');
  }

  /** From now on no roster may lack anyone who is connected. */
  expectAll(): void {
    for (const watcher of this.#watchers.keys()) {
      for (const name of this.truth(watcher.room)) watcher.expected.add(name);
    }
  }

  /** The same as long as the client stays: from now on, a roster may lack it. */
  expectNoMore(name: string): void {
    for (const watcher of this.#watchers.keys()) watcher.expected.delete(name);
  }

  /** What rosters lacked that no roster may lack. */
  get missed(): string[] {
    return [...this.#watchers.keys()].flatMap(({ missed }) => missed);
  }

  /** The names of those who are connected. */
  truth(room: string): Set<string> {
    const here = [...this.#watchers.keys()].filter((watcher) => watcher.room === room);
    return new Set(here.map(({ name }) => name));
  }

  /**
   * Waits until every client in every room sees all who are there, nobody else, and all in the same order.
   * @throws what they see where that takes too long
   */
  async agree(milliseconds = AGREEMENT): Promise<void> {
    const end = performance.now() + milliseconds;
    for (;;) {
      const disagreement = this.#disagreement();
      if (disagreement === undefined) return;
      if (performance.now() > end) throw new Error(disagreement);
      await Promise.race([this.#nextRoster(), after(100)]);
      await after(LOOK);
    }
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers.keys()) watcher.terminate();
    await Promise.all([...this.#nodes].map((node) => node.close()));
  }

  #nextRoster(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoster = resolve;
    });
  }

  #disagreement(): string | undefined {
    const rooms = new Map<string, Watcher[]>();
    for (const watcher of this.#watchers.keys()) {
      const others = rooms.get(watcher.room);
      if (others === undefined) rooms.set(watcher.room, [watcher]);
      else others.push(watcher);
    }
    for (const [room, watchers] of rooms) {
      const names = new Set(watchers.map(({ name }) => name));
      const [first = []] = watchers.map(({ streams }) => streams);
      const isTrue = first.length === names.size && first.every((name) => names.has(name));
      const wanted = JSON.stringify(first);
      if (isTrue && watchers.every(({ streams }) => JSON.stringify(streams) === wanted)) continue;
      const seen = watchers.map(({ name, streams }) => `${name} sees ${JSON.stringify(streams)}`);
      return `in ${room} are ${JSON.stringify([...names])}, and\n${seen.join('\n')}`;
    }
    return undefined;
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
