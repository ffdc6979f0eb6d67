/** How much one address is sent, whatever it does in a room of its own: less than would fill the line of all others. */
import type { Socket } from 'node:net';
import { joinTarget } from '../helpers/join-target';
import { ATTACKER, describeInNamespace, Namespace, OTHER } from '../helpers/namespace';
import { handshakeFor } from '../helpers/raw-client';

const MEMBERS = 120;
const CHANGES = 150;
/** Bytes at once and bytes a second: three times what the host means to send, as this counts at the other end. */
const ALLOWANCE = 25_000_000;

/** As long as a name may be, and twice as long in JSON; a few letters make it different. */
function loudName(index: number): string {
  const end = index.toString(36);
  return '"'.repeat(256 - end.length) + end;
}

/** Members of a loud room, who only count what they are sent. */
class Crowd {
  received = 0;
  readonly #sockets: Socket[] = [];
  readonly #dial: () => Promise<Socket>;
  #lastName = 0;

  constructor(dial: () => Promise<Socket>) {
    this.#dial = dial;
  }

  get lastName(): string {
    return loudName(this.#lastName);
  }

  /** One more joins, and is there when the handshake is answered. */
  async grow(): Promise<void> {
    const socket = await this.#dial();
    socket.on('error', () => {});
    this.#sockets.push(socket);
    socket.write(handshakeFor(joinTarget('loud', loudName(++this.#lastName))));
    await new Promise<void>((resolve) => {
      socket.on('data', ({ length }) => {
        this.received += length;
        resolve();
      });
    });
  }

  shrink(): void {
    this.#sockets.shift()?.destroy();
  }
}

describeInNamespace('a room full of long names', () => {
  test('is not sent all it asks for, but always the newest roster; others are not held up', async () => {
    const namespace = await Namespace.make();
    const { port } = await namespace.host({ MAX_HANDSHAKES_PER_IP: '100000' });
    const inside = await namespace.join(port, ATTACKER, 'loud', 'inside');
    const neighbour = await namespace.join(port, OTHER, 'loud', 'neighbour');
    await neighbour.until('inside', 'neighbour');
    const anna = await namespace.join(port, OTHER, 'quiet', 'anna');
    await anna.until('anna');

    const startedAt = performance.now();
    const crowd = new Crowd(() => namespace.dial(port, ATTACKER));
    while (crowd.lastName !== loudName(MEMBERS)) await crowd.grow();
    for (let change = 0; change < CHANGES; change++) {
      crowd.shrink();
      await crowd.grow();
    }
    await namespace.join(port, OTHER, 'quiet', 'ben');
    await anna.until('anna', 'ben');
    for (const witness of [neighbour, inside]) {
      for (;;) if ((await witness.nextStreams()).at(-1) === crowd.lastName) break;
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(crowd.received).toBeLessThan(ALLOWANCE * (1 + seconds));
  });
});
