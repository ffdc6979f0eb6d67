/** One member's socket: sends the newest roster, never more than one at a time, and says when it is gone. */
import type { Duplex } from 'node:stream';
import type { Peer } from '../conference/conference';
import type { Departure, MemberFacts } from '../conference/events';
import type { Leaver, PeerWebSocket } from './websocket';

export class SocketPeer implements Peer, MemberFacts, Leaver {
  readonly id: number;
  readonly room: string;
  readonly streamName: string;
  readonly address: string;
  readonly since: number;
  readonly #ws: PeerWebSocket;
  readonly #socket: Duplex;
  readonly #onGone: (peer: SocketPeer, departure: Departure) => void;
  readonly #onIgnored: () => void;
  #gone = false;
  /** Rosters written to the socket of which it is not known yet that the kernel has them. */
  #unflushed = 0;
  /** The roster to send once the one before it has left; set only while the peer is behind. */
  #newest: Uint8Array | undefined;

  constructor(
    ws: PeerWebSocket,
    socket: Duplex,
    facts: MemberFacts,
    onGone: (peer: SocketPeer, departure: Departure) => void,
    onIgnored: () => void,
  ) {
    this.id = facts.id;
    this.room = facts.room;
    this.streamName = facts.streamName;
    this.address = facts.address;
    this.since = facts.since;
    this.#ws = ws;
    this.#socket = socket;
    this.#onGone = onGone;
    this.#onIgnored = onIgnored;
    ws.peer = this;
  }

  /** Whether a roster waits until the peer has taken the one before it. */
  get behind(): boolean {
    return this.#newest !== undefined;
  }

  /** Sends a roster; while an earlier one is still on its way, keeps only the newest for later. */
  tell(roster: Uint8Array): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#unflushed > 0 && this.#socket.writableLength > 0) {
      this.#newest = roster;
      return;
    }
    this.#unflushed++;
    this.#socket.write(roster, this.#rosterFlushed);
  }

  /** Leaves the room now and says goodbye; the socket is destroyed where the client does not answer in time. */
  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  /** The peer is no longer a member: said once, at the moment it is known. */
  gone(departure: Departure): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#newest = undefined;
    this.#onGone(this, departure);
  }

  ignored(): void {
    this.#onIgnored();
  }

  readonly #rosterFlushed = (): void => {
    this.#unflushed--;
    const newest = this.#newest;
    if (newest === undefined || this.#unflushed > 0) return;
    this.#newest = undefined;
    this.tell(newest);
  };
}
