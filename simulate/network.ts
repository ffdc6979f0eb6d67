/** The way between nodes and Redis: latency, and all that can become of a connection. */
import type { Connect, Connection, OnMessage } from '../src/backplane/connection';
import type { Timing } from '../src/backplane/timing';
import type { Clock } from '../src/clock';
import { SimulatedConnection } from './connection';
import type { SimulatedRedis } from './redis';

/** The process of a node, as far as the network knows it. */
export interface Process {
  readonly clock: Clock;
  /** Runs what comes in over the network: now, when the process thaws, or never. */
  run(task: () => void): void;
}

export interface Way {
  /** Nothing gets through, and nobody is told. */
  blocked: boolean;
}

export class Network {
  readonly redis: SimulatedRedis;
  readonly clock: Clock;
  readonly timing: Timing;
  /** Milliseconds that something takes one way. */
  readonly latency: () => number;
  readonly connections = new Set<SimulatedConnection>();
  /** How often this message arrives: it may be lost, or doubled, though its connection stands. */
  copies: () => number = () => 1;
  #up = true;
  #waiting: (() => void)[] | undefined;

  constructor(redis: SimulatedRedis, clock: Clock, timing: Timing, latency: () => number) {
    this.redis = redis;
    this.clock = clock;
    this.timing = timing;
    this.latency = latency;
  }

  get up(): boolean {
    return this.#up;
  }

  get frozen(): boolean {
    return this.#waiting !== undefined;
  }

  connect(process: Process, way: Way): Connect {
    return (onMessage: OnMessage, stop: AbortSignal): Promise<Connection> => {
      return new Promise((resolve, reject) => {
        let isOver = false;
        const give = (why: Error) => {
          isOver = true;
          cancel();
          stop.removeEventListener('abort', onStop);
          reject(why);
        };
        const silence = new Error(`Redis does not answer within ${this.timing.answer} ms`);
        const cancel = process.clock.schedule(() => give(silence), this.timing.answer);
        const onStop = () => give(stop.reason instanceof Error ? stop.reason : new Error('stopped'));
        if (stop.aborted) return onStop();
        stop.addEventListener('abort', onStop);
        this.#arrive(way, () => {
          const isUp = this.#up;
          this.clock.schedule(
            () =>
              process.run(() => {
                if (isOver || way.blocked) return;
                if (!isUp || !this.#up) return give(new Error('connect ECONNREFUSED'));
                cancel();
                stop.removeEventListener('abort', onStop);
                resolve(new SimulatedConnection(this, process, way, onMessage));
              }),
            this.latency(),
          );
        });
      });
    };
  }

  /** Runs in Redis, as soon as it runs at all. */
  atRedis(task: () => void): void {
    if (this.#waiting === undefined) task();
    else this.#waiting.push(task);
  }

  freezeRedis(): void {
    this.#waiting ??= [];
  }

  thawRedis(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const task of waiting) this.clock.schedule(task, 0);
  }

  kill(): void {
    this.#up = false;
    this.thawRedis();
    this.cut();
  }

  start(): void {
    this.#up = true;
  }

  /** All connections, or those of one way, end; both sides notice. */
  cut(way?: Way): void {
    for (const connection of [...this.connections]) {
      if (way === undefined || connection.way === way) connection.cut();
    }
  }

  /** The connections of this way stand, but carry nothing any more. */
  silence(way: Way): void {
    for (const connection of this.connections) if (connection.way === way) connection.silence();
  }

  /** Whether what is sent this way now gets through. */
  carries(way: Way): boolean {
    return (
      !way.blocked && [...this.connections].some((connection) => connection.way === way && connection.carries)
    );
  }

  #arrive(way: Way, task: () => void): void {
    this.clock.schedule(() => {
      if (!way.blocked) this.atRedis(task);
    }, this.latency());
  }
}
