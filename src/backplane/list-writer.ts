/** Brings a list's versions to Redis and the other nodes: as a delta where that says all, else whole. */
import type { Connection } from './connection';
import type { RoomKeys } from './keys';
import { DELTA_FORMAT, encodeDelta, encodeMessage } from './message';
import type { OwnStreams } from './own-streams';
import { APPEND, STORE } from './scripts';

/** From which size on a list is told by deltas. Tests alone need other values. */
export interface ListSizes {
  /** Streams: a smaller list is hardly longer than a delta. */
  readonly deltaFrom: number;
  /** Characters that a journal may have, however short its list is. */
  readonly leastJournal: number;
}

export const defaultSizes: ListSizes = { deltaFrom: 32, leastJournal: 1_024 };

/** A delta may change one of so many streams, and a journal be one part of so many of its list. */
const SHARE = 4;

export interface ListWriterParts {
  /** This node's name among the others. */
  readonly self: string;
  readonly keys: RoomKeys;
  readonly streams: OwnStreams;
  readonly sizes: ListSizes;
  /** The format that all nodes understand. */
  readonly format: () => number;
  /** Milliseconds for which Redis keeps the room. */
  readonly keptFor: number;
}

export interface Written {
  /** Redis had no list of ours, as when it has lost it. */
  readonly isNew: boolean;
  /** Characters that went to all nodes. */
  readonly length: number;
}

export class ListWriter {
  readonly #parts: ListWriterParts;
  /** What the others know is not certain. */
  #owesWhole = true;
  /** The version that Redis has confirmed. */
  #version = 0;
  #listLength = 0;
  #journalLength = 0;

  constructor(parts: ListWriterParts) {
    this.#parts = parts;
  }

  /** The version that Redis has confirmed: a read that is sent now finds it or a newer one. */
  get version(): number {
    return this.#version;
  }

  /** The next version is told whole. */
  startAnew(): void {
    this.#owesWhole = true;
  }

  /** Stores the list as it is now and tells it, in one step. @throws why that failed; the next is whole then */
  async write(connection: Connection, version: number): Promise<Written> {
    const isWhole = this.#owesWhole || !this.#isWorthDelta();
    this.#owesWhole = false;
    try {
      const written = isWhole
        ? await this.#replace(connection, version)
        : await this.#writeDelta(connection, version);
      this.#version = version;
      return written;
    } catch (error) {
      this.#owesWhole = true;
      throw error;
    }
  }

  /**
   * Never where nobody is left: a node of an older format takes a journal for the list of a node that nobody knows, and
   * deletes it. Who holds streams says them again in that format soon; who holds none has given the room up.
   */
  #isWorthDelta(): boolean {
    const { streams, sizes, format } = this.#parts;
    const { size, changes } = streams;
    if (size === 0 || size < sizes.deltaFrom || format() < DELTA_FORMAT) return false;
    return changes <= Math.max(1, size / SHARE);
  }

  async #writeDelta(connection: Connection, version: number): Promise<Written> {
    const { self, keys, streams, sizes, keptFor } = this.#parts;
    const base = this.#version;
    const text = encodeDelta({ node: self, version, base, ...streams.takeChanges() });
    const most = Math.max(sizes.leastJournal, this.#listLength / SHARE);
    if (this.#journalLength + text.length > most) return this.#replace(connection, version, text);
    const args = [self, String(base), text, String(keptFor), keys.channel];
    if ((await connection.run(APPEND, [keys.hash], args)) !== 1) return this.#replace(connection, version);
    this.#journalLength += text.length;
    return { isNew: false, length: text.length };
  }

  /** @param told what the others are told of it, where that is not all */
  async #replace(connection: Connection, version: number, told?: string): Promise<Written> {
    const { self, keys, streams, keptFor } = this.#parts;
    streams.takeChanges();
    const text = encodeMessage({ node: self, version, streams }, this.#parts.format());
    const args = [self, text, String(keptFor), keys.channel, ...(told === undefined ? [] : [told])];
    const isNew = (await connection.run(STORE, [keys.hash], args)) === 1;
    this.#listLength = text.length;
    this.#journalLength = 0;
    return { isNew, length: (told ?? text).length };
  }
}
