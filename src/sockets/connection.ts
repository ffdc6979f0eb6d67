/** One client's socket, from its handshake until it is gone: what it is sent, what it says, and its one way out. */
import type { Duplex } from 'node:stream';
import type { RawData } from 'ws';
import type { Receiver } from '../conference/delivery';
import type { Grant } from '../conference/protocol';
import type { Departure, MemberFacts } from '../events';
import { ByteBudget, type ByteRate, FROM_CLIENT } from './byte-budget';
import { destroyOnFinish, endReceiverOnce } from './corners';
import type { Account } from './egress';
import { Measurements, writtenOn } from './measurements';
import { Membership } from './membership';
import { Outbox, type OutboxListener, type OutboxParts } from './outbox';
import type { SendQueues } from './send-queues';
import { ABNORMAL, type HostWebSocket, type OpenSockets } from './web-socket';

const NO_ACCOUNTS: readonly Account[] = [];
/** Bytes sent since a client was last heard that may hold its answer up; less gets through the slowest link in time. */
const HOLDS_UP = 16 * 1024;

/** `open`: its handshake is done. `member`: it is in its room. `gone`: it is a member no more, or never became one. */
type Stage = 'open' | 'member' | 'gone';

/** What may follow what. */
const NEXT: Readonly<Record<Stage, readonly Stage[]>> = {
  open: ['member', 'gone'],
  member: ['gone'],
  gone: [],
};

/** What all connections of a host share. */
export interface ConnectionParts extends OutboxParts {
  readonly open: OpenSockets;
  readonly sendQueues: SendQueues;
  /** How a client that sends too much is closed. */
  readonly flooding: Departure;
  /** A member has left: called once, at the moment it is known. */
  readonly left: (member: Connection, departure: Departure) => void;
  /** A member that was behind can take a roster again. */
  readonly ready: (member: Connection) => void;
  /** A client sent a message, which nobody reads. */
  readonly ignored: () => void;
}

export class Connection extends Membership implements Receiver, OutboxListener {
  told = 0;
  /** The heartbeat's own notes. */
  turn = 0;
  pingedAt = 0;
  /** The budgets that pay for what it is sent; none where no limit applies to its address. */
  accounts = NO_ACCOUNTS;
  readonly #ws: HostWebSocket;
  readonly stream: Duplex;
  readonly #parts: ConnectionParts;
  /** What it may say. */
  readonly #budget: ByteBudget;
  readonly #outbox: Outbox;
  #stage: Stage = 'open';
  #onGone: (() => void) | undefined;
  /** When bytes last came from it, or were taken by it after they had waited; by `Clock.now()`. */
  #lastAlive: number;
  /** A roster is owed to it: it has not taken the one before, or waits for an account. */
  #isBehind = false;
  #waitsFor: Account | undefined;
  /** Bytes of rosters that were sent since it was last heard. */
  #sentSinceHeard = 0;
  /** None until it was measured. */
  #measurements: Measurements | undefined;
  /** Where its ping stands in what it was sent; undefined until there is one. */
  #pingEnd: number | undefined;

  /** @param limits what the client may say */
  constructor(ws: HostWebSocket, stream: Duplex, parts: ConnectionParts, limits: ByteRate = FROM_CLIENT) {
    super();
    this.#ws = ws;
    this.stream = stream;
    this.#parts = parts;
    this.#outbox = new Outbox(stream, parts, this);
    this.#lastAlive = parts.clock.now();
    this.#budget = new ByteBudget(limits, this.#lastAlive);
    endReceiverOnce(ws);
    parts.open.connect(ws, stream, this);
    destroyOnFinish(stream);
  }

  get isOpen(): boolean {
    return this.#stage === 'open' && this.#ws.readyState === this.#ws.OPEN;
  }

  get isMember(): boolean {
    return this.#stage === 'member';
  }

  /** Whether a roster is owed to it. */
  get behind(): boolean {
    return this.#isBehind;
  }

  get lastAlive(): number {
    return this.#lastAlive;
  }

  /** To be told where it goes, or is closed, before it is a member. */
  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  /**
   * It becomes a member.
   * @param accounts the budgets that pay for what it is sent
   * @param _grant what its credentials give it
   */
  admit(facts: MemberFacts, accounts: readonly Account[], _grant: Grant): void {
    this.#enter('member');
    this.facts = facts;
    this.accounts = accounts;
    this.#onGone = undefined;
  }

  /** Leaves its room now and says goodbye; `ws` destroys the socket where the client does not answer in time. */
  close({ code, reason, removed }: Departure): void {
    if (removed) this.depart({ code, reason, removed });
    this.#ws.close(code, reason);
  }

  /** Leaves its room now and loses its socket: for a client that would not hear a goodbye. */
  drop(reason: string): void {
    this.depart({ code: ABNORMAL, reason, dropped: true });
    this.#ws.terminate();
  }

  /** The one way out, taken at the decision: whatever comes later, and however often, changes nothing. */
  depart(departure: Departure): void {
    const wasMember = this.#stage === 'member';
    if (!this.#enter('gone')) return;
    this.#isBehind = false;
    this.#waitsFor?.forget(this);
    this.#outbox.stopWatching();
    if (wasMember) this.#parts.left(this, departure);
    else this.#onGone?.();
  }

  take(roster: Uint8Array): boolean {
    if (this.#ws.readyState !== this.#ws.OPEN) return true;
    this.#isBehind = this.#mustWait || !this.#pay(roster.length);
    if (this.#isBehind) return false;
    this.#sentSinceHeard += roster.length;
    this.#outbox.send(roster);
    return true;
  }

  /** Sends a small frame, whatever it has not taken yet. */
  say(frame: Uint8Array): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#outbox.send(frame);
  }

  /** Whether something that it was sent has not left yet. */
  get isBusy(): boolean {
    return this.#outbox.isBusy;
  }

  ping(): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.ping();
    this.#pingEnd = writtenOn(this.stream);
    this.#measurements?.restart();
  }

  /** Whether its answer to a ping may wait behind rosters that it has not taken yet. */
  get isHeldUp(): boolean {
    return this.#sentSinceHeard >= HOLDS_UP;
  }

  /** Finds out whether it has acknowledged anything since this was asked last, which is a sign of life. */
  async measure(): Promise<void> {
    const { clock, sendQueues } = this.#parts;
    this.#measurements ??= new Measurements(this.stream, clock, sendQueues);
    const since = await this.#measurements.next(() => this.#pingEnd ?? Number.POSITIVE_INFINITY);
    if (since !== undefined && this.#stage !== 'gone') this.onTaken(since);
  }

  /** There is something in the account again that it waits for. */
  resume(): void {
    this.#waitsFor = undefined;
    if (!this.#mustWait) this.#parts.ready(this);
  }

  onTaken(since: number): void {
    this.#lastAlive = Math.max(this.#lastAlive, since);
  }

  onStall(): void {
    this.drop('reads nothing');
  }

  onFlush(): void {
    if (this.#isBehind && this.#waitsFor === undefined) this.#parts.ready(this);
  }

  /** So many bytes came from the client. */
  heard(bytes: number): void {
    const now = this.#parts.clock.now();
    this.#lastAlive = now;
    this.#sentSinceHeard = 0;
    if (!this.#budget.spend(bytes, now)) this.flooded();
  }

  /** A flood is stopped by not reading on: the client hears the close, and its kernel must keep the rest. */
  protected flooded(): void {
    this.close(this.#parts.flooding);
    this.#ws.pause();
  }

  /** A message came from the client. Nobody reads it. */
  said(_data: RawData, _isBinary: boolean): void {
    if (this.#stage === 'member') this.#parts.ignored();
  }

  /**
   * The client has hung up. `ws` would first send what waits, without a time-out of its own; to a client that does not
   * read either, that could take for ever.
   */
  hungUp(): void {
    this.depart({ code: ABNORMAL, reason: '' });
    if (this.stream.writableLength > 0) this.#ws.terminate();
  }

  /** Its socket is closed. */
  closed(departure: Departure): void {
    this.depart(departure);
    this.#outbox.release();
  }

  #enter(stage: Stage): boolean {
    if (!NEXT[this.#stage].includes(stage)) return false;
    this.#stage = stage;
    return true;
  }

  get #mustWait(): boolean {
    return this.#waitsFor !== undefined || this.#outbox.isBusy;
  }

  /** @returns whether its address may be sent a roster now; where it may not, this connection waits for it */
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
