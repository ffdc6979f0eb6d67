/** Handshakes of a foreign page's, each refused, as fast as they go. */
import { joinTarget } from '../../test/helpers/join-target';
import { handshakeFor } from '../../test/helpers/raw-client';
import { type Ground, inParallel, type Siege, Strangers } from './ground';
import { Statuses } from './statuses';

const ORIGIN = 'https://foreign.example';

/** @returns how often which status came */
export async function knock(
  ground: Ground,
  siege: Siege,
  connections: number,
): Promise<Record<string, number>> {
  const bytes = handshakeFor(joinTarget('room', 'x'), { ...ground.headers, Origin: ORIGIN });
  const strangers = new Strangers(ground, siege);
  const statuses = new Statuses();
  await inParallel(connections, async () => {
    while (!siege.over) {
      const socket = strangers.dial();
      socket.once('data', (chunk: Buffer) => statuses.countAnswer(chunk.toString('latin1')));
      socket.resume();
      socket.write(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
      await siege.pause(0);
    }
  });
  return statuses.counts;
}
