/** A member in a process of its own, which is then stopped: no close, no FIN, no answer to a ping. */
import { serve } from '../actor';
import { Participant } from './participant';
import { FROZEN } from './rooms';

export const frozenTasks = {
  join: ({ port }: { readonly port: number }): Promise<void> =>
    new Promise((resolve, reject) => {
      const participant = new Participant(port, FROZEN.room, FROZEN.name, {
        heard: () => resolve(),
        wronged: (_, why) => reject(new Error(why)),
        closed: () => reject(new Error(`${participant.name} was dropped`)),
      });
    }),
};

export type FrozenTasks = typeof frozenTasks;

serve(frozenTasks);
