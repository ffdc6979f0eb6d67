/** What a program sees of a room: its lists, its events, and the loop over them. */
import { metadataAfter } from './metadata';
import { difference, without } from './names';
import type { ConferenceRoom, JoinOptions, Metadata, RoomEvents, RoomState, RosterEvent } from './types';
import type { Frame } from './wire';

const NOBODY: readonly string[] = [];

/** Its own type takes any name of an event. */
const TypedTarget = EventTarget as new () => Pick<
  ConferenceRoom,
  'addEventListener' | 'removeEventListener'
> &
  Pick<EventTarget, 'dispatchEvent'>;

export abstract class RoomView extends TypedTarget implements ConferenceRoom {
  readonly room: string;
  readonly streamName: string;
  readonly ready: Promise<ConferenceRoom>;
  state: RoomState = 'joining';
  streams = NOBODY;
  awaited = NOBODY;
  metadata: ReadonlyMap<string, Metadata> = new Map();
  /** Settles `ready`. */
  declare protected settle: (error?: Error) => void;
  /** Those who loop over the room. */
  readonly #waiting: (() => void)[] = [];

  constructor({ room, streamName = '' }: JoinOptions) {
    super();
    this.room = room;
    this.streamName = streamName;
    this.ready = new Promise<ConferenceRoom>((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve(this));
    });
    // Whoever does not ask for it hears `closed`.
    this.ready.catch(() => {});
  }

  abstract setMetadata(metadata: Metadata): void;
  abstract leave(): void;

  /** A slow loop skips some rosters: each says what changed since the one that it took before. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RosterEvent, void> {
    let before = NOBODY;
    while (this.state !== 'closed') {
      const { streams } = this;
      if (streams === before) {
        await new Promise<void>((wake) => this.#waiting.push(wake));
      } else {
        yield Object.assign(new Event('roster'), difference(before, streams));
        before = streams;
      }
    }
  }

  /** @param missed those who are awaited, unless they are listed */
  protected list(
    listed: readonly string[],
    missed: readonly string[],
    { streams, left, joined, metadata }: Frame,
  ): void {
    const before = this.streams;
    const isRoster = streams ?? left ?? joined;
    this.awaited = without(missed, listed);
    // Who loops over the room takes the same list once.
    if (isRoster) this.streams = [...listed, ...this.awaited];
    // A roster has all metadata; those who are awaited keep theirs.
    this.metadata = metadataAfter(this.metadata, streams ? this.awaited : this.streams, metadata);
    if (isRoster) this.emit('roster', difference(before, this.streams));
    if (metadata) this.emit('metadata');
  }

  /** Those who are still awaited have left. */
  protected giveUp(): void {
    this.list(without(this.streams, this.awaited), NOBODY, { left: this.awaited });
  }

  /** Unless a listener has left at the event before. */
  protected emit<K extends keyof RoomEvents>(type: K, told?: Omit<RoomEvents[K], keyof Event>): void {
    if (this.state === 'closed' && type !== 'closed') return;
    this.dispatchEvent(Object.assign(new Event(type), told));
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
