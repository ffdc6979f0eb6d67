/** A crowd in a process of its own, so that what it reads delays nobody whose time is taken. */
import { extname, join } from 'node:path';
import { Actor } from '../actor';
import type { CrowdTasks, Filling, Journey, Visited, Visits } from './crowd-process';

/** Built or not, it stands beside this file. */
const FILE = join(__dirname, `crowd-process${extname(__filename)}`);

export class RemoteCrowd {
  readonly #actor = new Actor<CrowdTasks>(FILE);
  readonly #ready: Promise<void>;

  constructor(journey: Journey) {
    this.#ready = this.#actor.ask('set', journey);
    this.#ready.catch(() => {});
  }

  /** Done when each has seen all of its room. */
  async fill(filling: Filling): Promise<string[]> {
    await this.#ready;
    return this.#actor.ask('fill', filling);
  }

  async visit(visits: Visits): Promise<Visited> {
    await this.#ready;
    return this.#actor.ask('visit', visits);
  }

  /** How many there are; rejects where something has happened to any of them. */
  async size(): Promise<number> {
    await this.#ready;
    return this.#actor.ask('size');
  }

  end(): void {
    this.#actor.kill();
  }
}
