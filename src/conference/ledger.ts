/** The port to what nodes remember together of what an application was told. A node that is alone has none. */

/** What an application knows of a room, and what it is being told just now. */
export interface Account {
  /** The number of the last event. It counts up, with gaps. */
  readonly seq: number;
  /** It was told that the room is open. */
  readonly isOpen: boolean;
  /** The list that it has confirmed. */
  readonly streams: readonly string[];
  /** An event that was made, and that it has not confirmed yet. */
  readonly event?: RoomEvent | undefined;
}

export interface RoomEvent {
  /** Unique, and the same each time that it is sent. */
  readonly id: string;
  readonly type: 'room.opened' | 'roster.changed' | 'room.empty';
  readonly seq: number;
  /** When it was made, in milliseconds since the epoch. */
  readonly time: number;
  /** The whole list. */
  readonly streams: readonly string[];
}

/** Whoever has nobody to speak for it. */
export interface Orphan {
  readonly room: string;
  /** Milliseconds since its node has died or left it. */
  readonly age: number;
}

export interface LedgerListener {
  /** There is a new link: whatever was ours may be somebody else's. */
  linked(): void;
  /** A node has stopped speaking for the room. */
  released(room: string): void;
}

/** One node at a time speaks for a room. Every method rejects where the ledger cannot be reached. */
export interface Ledger {
  readonly isLinked: boolean;
  start(listener: LedgerListener): void;
  /** From now on this node speaks for the room. @returns undefined if another one does */
  claim(room: string): Promise<{ readonly account: Account | undefined } | undefined>;
  /** @returns false if this node does not speak for the room any more */
  save(room: string, account: Account): Promise<boolean>;
  /** The room is closed, and the application knows. Others may speak for it now. */
  settle(room: string, account: Account): Promise<void>;
  /** Others are to speak for these rooms. */
  release(rooms: readonly string[]): Promise<void>;
  orphans(): Promise<Orphan[]>;
  /** Keeps notices beyond the end of this node. */
  leave(notices: readonly string[]): Promise<void>;
  /** Takes notices that a node has left, some at a time. */
  takeOver(): Promise<string[]>;
  stop(): void;
}
