/** Freezes one member, and watches when the other in its room hears that it is gone. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Actor } from '../actor';
import type { FrozenTasks } from './frozen';
import { Participant } from './participant';
import { FROZEN } from './rooms';

/** A member that is stopped (SIGSTOP) from now on. */
export class Freeze {
  /** Seconds until the room heard of it; undefined as long as it has not. */
  goneAfter: number | undefined;
  readonly #frozen: Actor<FrozenTasks>;
  readonly #witness: Participant;
  readonly #frozenAt = performance.now();

  constructor(port: number, frozen: Actor<FrozenTasks>) {
    this.#frozen = frozen;
    frozen.process.kill('SIGSTOP');
    this.#witness = new Participant(port, FROZEN.room, 'witness', {
      heard: (_, __, left) => {
        if (left.includes(FROZEN.name)) this.goneAfter = this.#seconds;
      },
      wronged: () => {},
      closed: () => {},
    });
  }

  /** Resolves when the frozen member is gone, or was not for so many seconds. */
  async wait(seconds: number): Promise<void> {
    while (this.goneAfter === undefined && this.#seconds < seconds) await sleep(100);
  }

  end(): void {
    this.#frozen.kill();
    this.#witness.leave('close frame');
  }

  get #seconds(): number {
    return (performance.now() - this.#frozenAt) / 1000;
  }
}

export async function freezeMember(port: number): Promise<Freeze> {
  const frozen = new Actor<FrozenTasks>(join(__dirname, 'frozen.ts'));
  await frozen.ask('join', { port });
  return new Freeze(port, frozen);
}
