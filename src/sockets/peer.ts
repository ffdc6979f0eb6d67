/** One member's socket: sends the newest roster, never more than one at a time, and says when it is gone. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import type { Peer } from '../conference/conference';
import type { Departure, MemberFacts } from '../conference/events';
import type { Account, Waiter } from './egress';
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

export class SocketPeer implements Peer, MemberFacts, Leaver, Living, Waiter {
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
  /** The budgets that pay for what it is sent; none where no limit applies to its address. */
  readonly accounts: readonly Account[];
  /** The one that it waits for. */
  #waitsFor: Account | undefined;
  /** Whether the socket is a TLS one. */
  readonly #encrypts: boolean;
  #gone = false;
  /** Rosters that the kernel did not take at once, and may not have taken yet. */
  #unflushed = 0;
  /** The roster to send once the one before it has left; set only while the peer is behind. */
  #newest: Uint8Array | undefined;
  #endStallWatch: (() => void) | undefined;

  constructor(
    ws: PeerWebSocket,
    socket: Duplex,
    facts: MemberFacts,
    owner: PeerOwner,
    accounts: readonly Account[] = [],
  ) {
    this.id = facts.id;
    this.room = facts.room;
    this.streamName = facts.streamName;
    this.address = facts.address;
    this.since = facts.since;
    this.#ws = ws;
    this.#socket = socket;
    this.#encrypts = 'encrypted' in socket;
    this.#owner = owner;
    this.accounts = accounts;
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
    const isBusy = this.behind || (this.#unflushed > 0 && this.#socket.writableLength > 0);
    if (isBusy || !this.#pay(roster.length)) this.#newest = roster;
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
    this.#waitsFor?.forget(this);
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

  /** There is something in the budget again. */
  resume(): void {
    this.#waitsFor = undefined;
    this.#tellNewest();
  }

  readonly #rosterOnFlush = (): void => {
    this.#unflushed--;
    if (this.#unflushed > 0) return;
    this.#endStallWatch?.();
    this.#endStallWatch = undefined;
    if (this.#waitsFor === undefined) this.#tellNewest();
  };

  #tellNewest(): void {
    const newest = this.#newest;
    if (newest === undefined) return;
    this.#newest = undefined;
    this.tell(newest);
  }

  /** @returns whether its address may be sent a roster now; where it may not, this peer waits for it */
  #pay(bytes: number): boolean {
    for (const account of this.accounts) {
      if (account.hasSome) continue;
      this.#waitsFor = account;
      account.wait(this);
      return false;
    }
    for (const account of this.accounts) account.spend(bytes);
    return true;
  }
}
