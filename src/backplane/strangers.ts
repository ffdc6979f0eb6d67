/**
 * Messages of nodes that this one does not know. Either they have just started, or nobody lives under that name: who
 * lives is asked first.
 */
import type { Message } from './message';
import type { SharedRoom } from './shared-room';

/** Messages that wait at most; what is dropped, a read of the room says. */
const MOST = 1_000;

interface Waiting {
  readonly room: SharedRoom;
  readonly message: Message;
}

export class Strangers {
  readonly #ask: () => Promise<void>;
  readonly #isKnown: (node: string) => boolean;
  readonly #onIgnored: (room: SharedRoom) => void;
  #waiting: Waiting[] = [];
  #isAsking = false;

  /** @param ask hears who lives; what it throws has ended the connection, and all is read again over the next one */
  constructor(
    ask: () => Promise<void>,
    isKnown: (node: string) => boolean,
    onIgnored: (room: SharedRoom) => void,
  ) {
    this.#ask = ask;
    this.#isKnown = isKnown;
    this.#onIgnored = onIgnored;
  }

  receive(room: SharedRoom, message: Message): void {
    if (this.#waiting.length >= MOST) this.#onIgnored(room);
    else this.#waiting.push({ room, message });
    if (!this.#isAsking) void this.#askFirst();
  }

  clear(): void {
    this.#waiting = [];
  }

  async #askFirst(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0) {
      const asked = this.#waiting;
      this.#waiting = [];
      await this.#ask();
      for (const { room, message } of asked) {
        if (this.#isKnown(message.node)) room.receive(message);
        else this.#onIgnored(room);
      }
    }
    this.#isAsking = false;
  }
}
