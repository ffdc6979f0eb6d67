/** One member's socket: sends the newest roster, never more than one at a time, and says when it is gone. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import type { Peer } from '../conference/conference';
import type { Departure, MemberFacts } from '../conference/events';
import type { Living } from './heartbeat';
import { watchForStall } from './stall';
import { ABNORMAL, type Leaver, type PeerWebSocket } from './websocket';

const NOTHING = new Uint8Array(0);

/** What a peer owes to its host. */
export interface PeerOwner {
  readonly clock: Clock;
  /** The peer is no longer a member: called once, at the moment it is known. */
  gone(peer: SocketPeer, departure: Departure): void;
  /** A message came from a peer, which nobody reads. */
  ignored(): void;
}

export class SocketPeer implements Peer, MemberFacts, Leaver, Living {
  readonly id: number;
  readonly room: string;
  readonly streamName: string;
  readonly address: string;
  readonly since: number;
  turn = 0;
  pingedAt = 0;
  readonly #ws: PeerWebSocket;
  readonly #socket: Duplex;
  readonly #owner: PeerOwner;
  /** Whether the socket is a TLS one. */
  readonly #encrypts: boolean;
  #gone = false;
  /** Rosters that the kernel did not take at once, and may not have taken yet. */
  #unflushed = 0;
  /** The roster to send once the one before it has left; set only while the peer is behind. */
  #newest: Uint8Array | undefined;
  #endStallWatch: (() => void) | undefined;

  constructor(ws: PeerWebSocket, socket: Duplex, facts: MemberFacts, owner: PeerOwner) {
    this.id = facts.id;
    this.room = facts.room;
    this.streamName = facts.streamName;
    this.address = facts.address;
    this.since = facts.since;
    this.#ws = ws;
    this.#socket = socket;
    this.#encrypts = 'encrypted' in socket;
    this.#owner = owner;
    ws.peer = this;
  }

  /** Whether a roster waits until the peer has taken the one before it. */
  get behind(): boolean {
    return this.#newest !== undefined;
  }

  get lastHeard(): number {
    return this.#ws.lastHeard;
  }

  /** Sends a roster; while an earlier one is still on its way, keeps only the newest for later. */
  tell(roster: Uint8Array): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.behind || (this.#unflushed > 0 && this.#socket.writableLength > 0)) this.#newest = roster;
    else this.#send(roster);
  }

  ping(): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }

  /** Leaves the room now and says goodbye; the socket is destroyed where the client does not answer in time. */
  close({ code, reason }: Departure): void {
    this.#ws.close(code, reason);
  }

  /** Leaves the room now and destroys the socket: for a client that would not hear a goodbye. */
  drop(reason: string): void {
    this.gone({ code: ABNORMAL, reason, dropped: true });
    this.#ws.terminate();
  }

  gone(departure: Departure): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#newest = undefined;
    this.#endStallWatch?.();
    this.#owner.gone(this, departure);
  }

  ignored(): void {
    this.#owner.ignored();
  }

  /**
   * A callback with each roster would cost an object and a tick for each receiver (2 to 5 % of a small room's churn),
   * though the kernel takes nearly all of them at once. It is asked for only where something is left behind, with an
   * empty write: what is written last is taken last. Through TLS, and before the socket is uncorked, nothing leaves at
   * once.
   */
  #send(roster: Uint8Array): void {
    if (this.#encrypts || this.#socket.writableCorked > 0) {
      this.#sendAndWatch(roster);
      return;
    }
    this.#socket.write(roster);
    if (this.#socket.writableLength > 0) this.#sendAndWatch(NOTHING);
  }

  #sendAndWatch(bytes: Uint8Array): void {
    this.#unflushed++;
    this.#socket.write(bytes, this.#rosterOnFlush);
    this.#endStallWatch ??= watchForStall(this.#socket, this.#owner.clock, () => this.drop('takes nothing'));
  }

  readonly #rosterOnFlush = (): void => {
    this.#unflushed--;
    if (this.#unflushed > 0) return;
    this.#endStallWatch?.();
    this.#endStallWatch = undefined;
    const newest = this.#newest;
    if (newest === undefined) return;
    this.#newest = undefined;
    this.tell(newest);
  };
}
