/** A client that behaves as the Testbed's conference page does. */
import { WebSocket } from 'ws';
import { startHost } from './helpers/host';
import { Queue } from './helpers/queue';

/**
 * Builds its URL by concatenation, parses every frame, ignores rosters of other rooms, and keeps its
 * subscribers by difference: it tears down every stream that one list does not name.
 */
class TestbedPage {
  readonly subscribers = new Set<string>();
  readonly #changes = new Queue<string[]>();
  readonly #socket: WebSocket;

  constructor(socket: string, room: string, streamName: string) {
    // A browser's WebSocket escapes what a URL cannot hold, as URL does here, and nothing else.
    this.#socket = new WebSocket(new URL(`ws://${socket}?room=${room}&streamName=${streamName}`));
    this.#socket.on('message', (data) => {
      const payload = JSON.parse(data.toString());
      if (payload.room !== room) return;
      const others: string[] = payload.streams.filter((name: string) => name !== streamName);
      for (const name of this.subscribers) if (!others.includes(name)) this.subscribers.delete(name);
      for (const name of others) this.subscribers.add(name);
      this.#changes.push([...this.subscribers]);
    });
  }

  /** Waits until the page shows just these streams. */
  async shows(...streams: string[]): Promise<void> {
    while (JSON.stringify(await this.#changes.next()) !== JSON.stringify(streams));
  }

  leave(): void {
    this.#socket.close();
  }
}

test.each(['red5', 'my room', 'a+b', 'café', '100%', 'my room+é 100%', '%zz', 'a/b?c', 'x=y'])(
  'pages in the room %j see each other come and go',
  async (room) => {
    const { port } = await startHost();
    const anna = new TestbedPage(`127.0.0.1:${port}`, room, 'anna');
    await anna.shows();
    const ben = new TestbedPage(`127.0.0.1:${port}/?token=T&`, room, 'bén+1 50%');
    await anna.shows('bén+1 50%');
    await ben.shows('anna');
    const carl = new TestbedPage(`127.0.0.1:${port}/prefix`, room, 'carl');
    await carl.shows('anna', 'bén+1 50%');
    ben.leave();
    await anna.shows('carl');
    await carl.shows('anna');
  },
);
