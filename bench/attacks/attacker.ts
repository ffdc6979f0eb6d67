/** The attacker, in a process of its own: one attack until it is told to stop. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../actor';
import { Meter } from '../meter';
import { bodies } from '../strangers/bodies';
import type { Ground, Siege } from '../strangers/ground';
import { guess } from '../strangers/guess';
import { type HoardOptions, hoard } from '../strangers/hoard';
import { knock } from '../strangers/knock';
import { loudRoom } from '../strangers/loud-room';
import { pipelined } from '../strangers/pipelined';

let stop = new AbortController();
let running: Promise<unknown> = Promise.resolve();
const [received, sent] = [new Meter(), new Meter()];

interface Order<O = unknown> {
  readonly ground: Ground;
  readonly options: O;
}

function besiege(attack: (siege: Siege) => Promise<unknown>): void {
  stop = new AbortController();
  const { signal } = stop;
  setMaxListeners(0, signal);
  running = attack({
    get over() {
      return signal.aborted;
    },
    pause: (milliseconds) => sleep(milliseconds, undefined, { signal }).catch(() => {}),
  });
}

export const attackerTasks = {
  pipelined: ({ ground, options }: Order<{ readonly connections: number }>) =>
    besiege((siege) => pipelined(ground, siege, options.connections)),
  bodies: ({ ground, options }: Order<{ readonly connections: number }>) =>
    besiege((siege) => bodies(ground, siege, options.connections)),
  hoard: ({ ground, options }: Order<HoardOptions>) => besiege((siege) => hoard(ground, siege, options)),
  knock: ({ ground, options }: Order<{ readonly connections: number }>) =>
    besiege((siege) => knock(ground, siege, options.connections)),
  guess: ({ ground, options }: Order<{ readonly connections: number }>) =>
    besiege((siege) => guess(ground, siege, options.connections)),

  /** Resolves when the room is full, or was not for so many milliseconds. */
  loudRoom: ({
    ground,
    options,
  }: Order<{ readonly size: number; readonly rate: number; readonly patience: number }>): Promise<void> =>
    new Promise((resolve) => {
      besiege((siege) => loudRoom(ground, siege, { ...options, received, sent, onFull: resolve }));
      setTimeout(resolve, options.patience);
    }),

  /** What was received and sent so far. */
  traces: () => ({ received: received.trace, sent: sent.trace }),

  /** Ends the attack, and tells what it says of itself. */
  async stop(): Promise<Readonly<Record<string, number>>> {
    stop.abort();
    return (await running) as Record<string, number>;
  },
};

export type AttackerTasks = typeof attackerTasks;

serve(attackerTasks);
