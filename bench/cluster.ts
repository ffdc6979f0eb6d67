/** What a round is played on: one server, or several nodes that share their rooms over a Redis of their own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Application } from './application';
import { type Certificate, findOpenssl, makeCertificate, NO_OPENSSL } from './certificate';
import type { Contestant } from './contestants';
import { mostOpenFiles } from './open-files';
import { bytesOnTheWire, findRedis, NO_REDIS, startRedis } from './redis-server';
import { ServerProcess } from './server-process';

/** Milliseconds in which a node must share its rooms with the others, and between two looks at whether it does. */
const LIVE_TIMEOUT = 10_000;
const LOOK_INTERVAL = 10;

export interface ClusterPlan {
  /** How many nodes share their rooms; a single one has no Redis. One unless given. */
  readonly nodes?: number;
  /** Megabytes of V8's old generation that each may have; node's default unless given. */
  readonly heap?: number;
  /** Environment variables that it gets besides. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A certificate is made for it, and it is joined over TLS. */
  readonly tls?: boolean;
  /** An application is told of its rooms. */
  readonly webhooks?: boolean;
  /** How many files and sockets a process must be able to open. */
  readonly openFiles?: number;
}

/** Why this cannot be started on this machine, or undefined where it can. */
export function obstacleTo({ nodes = 1, tls = false, openFiles = 0 }: ClusterPlan): string | undefined {
  if (nodes > 1 && findRedis() === undefined) return NO_REDIS;
  if (tls && findOpenssl() === undefined) return NO_OPENSSL;
  if (mostOpenFiles() < openFiles) return `no process may open ${openFiles} files (ulimit -Hn)`;
  return undefined;
}

/** What a cluster has besides its nodes. */
interface Surroundings {
  readonly redis: ServerProcess | undefined;
  readonly certificate: Certificate | undefined;
  readonly application: Application | undefined;
}

/** At least one. */
export type Nodes = readonly [ServerProcess, ...ServerProcess[]];

export class Cluster {
  readonly nodes: Nodes;
  /** Undefined where the plan has none. */
  readonly application: Application | undefined;
  readonly #redis: ServerProcess | undefined;
  readonly #certificate: Certificate | undefined;

  private constructor(nodes: Nodes, { redis, certificate, application }: Surroundings) {
    this.nodes = nodes;
    this.application = application;
    this.#redis = redis;
    this.#certificate = certificate;
  }

  /** Done when all nodes listen, are live and rest. */
  static async start(who: Contestant, plan: ClusterPlan): Promise<Cluster> {
    const { nodes = 1, tls = false, webhooks = false } = plan;
    const certificate = tls ? makeCertificate() : undefined;
    const application = webhooks ? await Application.start() : undefined;
    const started: ServerProcess[] = [];
    const keep = (server: ServerProcess) => {
      started.push(server);
      return server;
    };
    try {
      const redis = nodes === 1 ? undefined : keep(await startRedis());
      const env = {
        ...who.env,
        ...plan.settings,
        ...certificate?.settings,
        ...application?.settings,
        ...(redis !== undefined && { REDIS_URL: `redis://127.0.0.1:${redis.port}` }),
      };
      const first = keep(await startNode({ ...who, env }, plan));
      const others: ServerProcess[] = [];
      while (others.length < nodes - 1) others.push(keep(await startNode({ ...who, env }, plan)));
      for (const node of [first, ...others]) {
        if (redis !== undefined) await live(node);
        await node.rest();
      }
      return new Cluster([first, ...others], { redis, certificate, application });
    } catch (error) {
      await stopAll(started);
      application?.stop();
      certificate?.remove();
      throw error;
    }
  }

  /** Rejects when one of its processes ends before it is stopped. */
  get ended(): Promise<never> {
    return Promise.race(this.#all.map(({ ended }) => ended));
  }

  /** Seconds of CPU time of each node. */
  get cpuSeconds(): readonly number[] {
    return this.nodes.map((node) => node.cpuSeconds);
  }

  /** Seconds of CPU time of Redis; 0 where there is none. */
  get redisCpuSeconds(): number {
    return this.#redis?.cpuSeconds ?? 0;
  }

  /** Bytes that Redis has sent and received; 0 where there is none. */
  async redisBytes(): Promise<number> {
    return this.#redis === undefined ? 0 : bytesOnTheWire(this.#redis.port);
  }

  async stop(): Promise<void> {
    await stopAll(this.#all);
    this.application?.stop();
    this.#certificate?.remove();
  }

  get #all(): readonly ServerProcess[] {
    return this.#redis === undefined ? this.nodes : [...this.nodes, this.#redis];
  }
}

function startNode({ name, script, env }: Contestant, { heap }: ClusterPlan): Promise<ServerProcess> {
  const flags = heap === undefined ? [] : [`--max-old-space-size=${heap}`];
  return ServerProcess.start(name, (port) => ({
    program: process.execPath,
    args: [...flags, script],
    env: { PORT: String(port), ...env },
  }));
}

/** A node listens whether it has found its Redis or not, and its health says which. */
async function live({ port }: ServerProcess): Promise<void> {
  const giveUpAt = performance.now() + LIVE_TIMEOUT;
  while ((await health(port)) !== 'ok') {
    if (performance.now() > giveUpAt) throw new Error(`a node is not live after ${LIVE_TIMEOUT} ms`);
    await sleep(LOOK_INTERVAL);
  }
}

async function health(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`);
  return JSON.parse(await response.text()).status;
}

async function stopAll(servers: readonly ServerProcess[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}
