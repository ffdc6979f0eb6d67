/** Freezes one member, and waits until the other in its room hears that it is gone. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Actor } from './actor';
import type { FrozenTasks } from './frozen';
import { Participant } from './participant';
import { FROZEN } from './rooms';

export interface Freeze {
  /** Seconds until the room heard of it; undefined as long as it has not. */
  readonly goneAfter: number | undefined;
  /** Resolves when the frozen member is gone, or when `signal` says that it has taken too long. */
  wait(signal: AbortSignal): Promise<void>;
  end(): void;
}

export async function freezeMember(port: number): Promise<Freeze> {
  const frozen = new Actor<FrozenTasks>(join(__dirname, 'frozen.ts'));
  const gone = new EventTarget();
  let frozenAt: number | undefined;
  let goneAfter: number | undefined;
  const witness = await new Promise<Participant>((resolve) => {
    const participant = new Participant(port, FROZEN.room, 'witness', {
      heard: (_, __, left) => {
        resolve(participant);
        if (frozenAt === undefined || !left.includes(FROZEN.name)) return;
        goneAfter = (performance.now() - frozenAt) / 1000;
        gone.dispatchEvent(new Event('gone'));
      },
      wronged: () => {},
      closed: () => {},
    });
  });
  await frozen.ask('join', { port });
  frozen.process.kill('SIGSTOP');
  frozenAt = performance.now();
  return {
    get goneAfter() {
      return goneAfter;
    },
    async wait(signal) {
      if (goneAfter === undefined) await once(gone, 'gone', { signal }).catch(() => {});
    },
    end() {
      frozen.kill();
      witness.leave('close frame');
    },
  };
}
