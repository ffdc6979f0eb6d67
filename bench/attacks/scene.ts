/** A fresh server, an attacker and the others: what each story is played with. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Actor } from '../actor';
import type { Ground } from '../strangers/ground';
import type { AttackerTasks } from './attacker';
import type { ElsewhereTasks, Joining } from './elsewhere';
import type { Place } from './places';
import { AttackedServer, type ServerOptions } from './server';

/** What a story has found out. */
export interface Outcome {
  readonly measured: string;
  readonly met: boolean;
}

/** Milliseconds for a server to come to rest. */
const REST = 1_000;
const ROOM = 'meeting';

export class Scene {
  readonly server: AttackedServer;
  readonly attacker: Actor<AttackerTasks>;
  readonly others: Actor<ElsewhereTasks>;
  readonly from: Ground;
  readonly elsewhere: Ground;

  private constructor(server: AttackedServer, place: Place) {
    this.server = server;
    this.from = place.attacker(server.port);
    this.elsewhere = place.others(server.port);
    this.attacker = new Actor<AttackerTasks>(join(__dirname, 'attacker.ts'));
    this.others = Scene.newOthers();
  }

  /** Well-behaved people in a process of their own. */
  static newOthers(): Actor<ElsewhereTasks> {
    return new Actor<ElsewhereTasks>(join(__dirname, 'elsewhere.ts'));
  }

  /** Plays with a server that has these settings besides the place's, and ends everything afterwards. */
  static async play<T>(
    place: Place,
    { settings, ...options }: ServerOptions,
    story: (scene: Scene) => Promise<T>,
  ): Promise<T> {
    const server = await AttackedServer.start({ ...options, settings: { ...settings, ...place.settings } });
    const scene = new Scene(server, place);
    try {
      return await story(scene);
    } finally {
      scene.attacker.kill();
      scene.others.kill();
      await server.stop();
    }
  }

  /** Some members are in before anything happens, and the server rests. */
  async settle(count = 5): Promise<void> {
    await this.others.ask('stay', { ground: this.elsewhere, room: ROOM, count, rate: 20 });
    await sleep(REST);
  }

  /** So many others join one after the other, evenly over the time. */
  joins(count: number, seconds: number, patience: number): Promise<Joining[]> {
    const interval = (seconds * 1_000) / count;
    return this.others.ask('joins', { ground: this.elsewhere, room: ROOM, count, interval, patience });
  }
}

/** How many joins were through. */
export function through(joinings: readonly Joining[]): number {
  return joinings.filter(({ own }) => own !== undefined).length;
}

/** How many joins all who were in heard of. */
export function heardOf(joinings: readonly Joining[]): number {
  return joinings.filter(({ seen }) => seen !== undefined).length;
}
