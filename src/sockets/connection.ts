/** One client's socket, from its handshake until it is gone: what it is sent, what it says, and its one way out. */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Clock } from '../clock';
import type { Receiver } from '../conference/delivery';
import type { InFlight } from '../conference/in-flight';
import type { Departure, MemberFacts } from '../events';
import { ByteBudget, FROM_CLIENT } from './byte-budget';
import { bytesWaiting, endReceiverOnce, inodeOf, takeInTurn } from './corners';
import type { Account } from './egress';
import { PIECE, piecesOf } from './pieces';
import { Progress } from './progress';
import type { SendQueues } from './send-queues';

/** No status code in the close frame (RFC 6455, section 7.4.1). */
const NO_STATUS = 1005;
/** The socket went without a close frame (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006;

const NOTHING = new Uint8Array(0);
const NOBODY: MemberFacts = { id: 0, room: '', streamName: '', address: '', since: 0 };
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

interface Measurement {
  /** When it began, by `Clock.now()`. */
  readonly at: number;
  /** Bytes that the client may have acknowledged, up to its ping. */
  readonly most: number;
}

/** What all connections of a host share. */
export interface ConnectionParts {
  readonly clock: Clock;
  readonly inFlight: InFlight;
  readonly sendQueues: SendQueues;
  /** How a client that sends too much is closed. */
  readonly flooding: Departure;
  /** A member has left: called once, at the moment it is known. */
  readonly left: (member: Connection, departure: Departure) => void;
  /** A member that was behind can take a roster again. */
  readonly ready: (member: Connection) => void;
  /** Sends a piece of a large roster at once, or when it is its turn. */
  readonly inTurn: (send: () => void) => void;
  /** A client sent a message, which nobody reads. */
  readonly ignored: () => void;
}

/** A WebSocket of `ws` that says when it begins to close. */
export class HostWebSocket extends WebSocket {
  connection: Connection | undefined;

  /**
   * Every decision to close comes by here: ours, that of `ws` on a protocol error, and its answer to a close frame. A
   * code without a reason is how `ws` closes whoever breaks the protocol; its answer to a close frame repeats both.
   */
  override close(code?: number, data?: string | Buffer): void {
    const departure = { code: code ?? NO_STATUS, reason: data?.toString() ?? '' };
    const isViolation = code !== undefined && data === undefined;
    this.connection?.depart(isViolation ? { ...departure, violation: true } : departure);
    super.close(code, data);
  }
}

export class Connection implements Receiver, MemberFacts {
  /** Its membership; nobody's until it is admitted. */
  facts = NOBODY;
  told = 0;
  /** The heartbeat's own notes. */
  turn = 0;
  pingedAt = 0;
  /** The budgets that pay for what it is sent; none where no limit applies to its address. */
  accounts = NO_ACCOUNTS;
  readonly #ws: HostWebSocket;
  readonly #stream: Duplex;
  readonly #parts: ConnectionParts;
  /** What it may say. */
  readonly #budget: ByteBudget;
  /** Whether its stream encrypts. */
  readonly #encrypts: boolean;
  #stage: Stage = 'open';
  #onGone: (() => void) | undefined;
  /** When bytes last came from it, or were taken by it after they had waited; by `Clock.now()`. */
  #lastAlive: number;
  /** A roster is owed to it: it has not taken the one before, or waits for an account. */
  #isBehind = false;
  #waitsFor: Account | undefined;
  /** Writes that the system did not take at once, and may not have taken yet. */
  #unflushed = 0;
  /** What those take of the node's budget. */
  #inFlight = 0;
  #progress: Progress | undefined;
  /** It was sent a roster in pieces once, and takes all in turns since then. */
  #takesInTurn = false;
  #isItsTurn = false;
  /** Bytes of rosters that were sent since it was last heard. */
  #sentSinceHeard = 0;
  /** Its socket's name in the system's tables, once it was measured. */
  #inode: string | undefined;
  /** The last measurement since its ping. */
  #measurement: Measurement | undefined;
  /** Where its ping stands in what it was sent. What it takes after that does not hold up its answer. */
  #pingEnd = Number.POSITIVE_INFINITY;

  constructor(ws: HostWebSocket, stream: Duplex, parts: ConnectionParts) {
    this.#ws = ws;
    this.#stream = stream;
    this.#parts = parts;
    this.#encrypts = 'encrypted' in stream;
    this.#lastAlive = parts.clock.now();
    this.#budget = new ByteBudget(FROM_CLIENT, this.#lastAlive);
    ws.connection = this;
    endReceiverOnce(ws);
    ws.on('message', webSocketOnMessage);
    ws.on('close', webSocketOnClose);
    ws.on('error', webSocketOnError);
    stream.on('data', (chunk: Buffer) => this.#heard(chunk.length));
    stream.on('end', () => this.#hungUp());
    stream.on('finish', streamOnFinish);
  }

  get id(): number {
    return this.facts.id;
  }

  get room(): string {
    return this.facts.room;
  }

  get streamName(): string {
    return this.facts.streamName;
  }

  get address(): string {
    return this.facts.address;
  }

  get since(): number {
    return this.facts.since;
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

  /** It becomes a member. @param accounts the budgets that pay for what it is sent */
  admit(facts: MemberFacts, accounts: readonly Account[]): void {
    this.#enter('member');
    this.facts = facts;
    this.accounts = accounts;
    this.#onGone = undefined;
  }

  /** Leaves its room now and says goodbye; `ws` destroys the socket where the client does not answer in time. */
  close({ code, reason }: Departure): void {
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
    this.#progress?.stop();
    if (wasMember) this.#parts.left(this, departure);
    else this.#onGone?.();
  }

  take(roster: Uint8Array): boolean {
    if (this.#ws.readyState !== this.#ws.OPEN) return true;
    this.#isBehind = this.#isBusy || !this.#pay(roster.length);
    if (this.#isBehind) return false;
    this.#sentSinceHeard += roster.length;
    this.#send(roster);
    return true;
  }

  ping(): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.ping();
    this.#pingEnd = this.#written;
    this.#measurement = undefined;
  }

  /** Whether its answer to a ping may wait behind rosters that it has not taken yet. */
  get isHeldUp(): boolean {
    return this.#sentSinceHeard >= HOLDS_UP;
  }

  /**
   * Finds out whether it has acknowledged anything since this was asked last, which is a sign of life. What it was sent
   * while the system is asked may be in the answer or not, so each measurement is a lower and an upper bound.
   */
  async measure(): Promise<void> {
    const at = this.#parts.clock.now();
    const sent = this.#sent;
    this.#inode ??= inodeOf(this.#stream);
    if (this.#inode === undefined) return;
    const queued = await this.#parts.sendQueues.lengthOf(this.#inode);
    if (queued === undefined || this.#stage === 'gone') return;
    const least = Math.min(sent - queued, this.#pingEnd);
    const last = this.#measurement;
    if (last !== undefined && least > last.most) this.onTaken(last.at);
    this.#measurement = { at, most: Math.min(this.#sent - queued, this.#pingEnd) };
  }

  /** There is something in the account again that it waits for. */
  resume(): void {
    this.#waitsFor = undefined;
    if (!this.#isBusy) this.#parts.ready(this);
  }

  onTaken(since: number): void {
    this.#lastAlive = Math.max(this.#lastAlive, since);
  }

  onStall(): void {
    this.drop('takes nothing');
  }

  /** A flood is stopped by not reading on: the client hears the close, and its kernel must keep the rest. */
  #heard(bytes: number): void {
    const now = this.#parts.clock.now();
    this.#lastAlive = now;
    this.#sentSinceHeard = 0;
    if (this.#budget.spend(bytes, now)) return;
    this.close(this.#parts.flooding);
    this.#ws.pause();
  }

  ignored(): void {
    if (this.#stage === 'member') this.#parts.ignored();
  }

  /**
   * The client has hung up. `ws` would first send what waits, without a time-out of its own; to a client that does not
   * read either, that could take for ever.
   */
  #hungUp(): void {
    this.depart({ code: ABNORMAL, reason: '' });
    if (this.#stream.writableLength > 0) this.#ws.terminate();
  }

  /** Its socket is closed. Node calls nobody back about what it was writing then. */
  closed(departure: Departure): void {
    this.depart(departure);
    this.#release();
  }

  #release(): void {
    this.#parts.inFlight.remove(this.#inFlight);
    this.#inFlight = 0;
  }

  /** Bytes that it was sent, those that still wait included. */
  get #written(): number {
    return (this.#stream as { readonly bytesWritten?: number }).bytesWritten ?? 0;
  }

  /** Bytes that have left the process. */
  get #sent(): number {
    return this.#written - bytesWaiting(this.#stream);
  }

  #enter(stage: Stage): boolean {
    if (!NEXT[this.#stage].includes(stage)) return false;
    this.#stage = stage;
    return true;
  }

  get #isBusy(): boolean {
    return this.#waitsFor !== undefined || (this.#unflushed > 0 && this.#stream.writableLength > 0);
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

  /**
   * The system takes nearly all rosters at once, so a callback is asked for only where something is left behind, with
   * an empty write: what is written last is taken last. Over TLS, and before the socket is uncorked, nothing leaves at
   * once.
   */
  #send(roster: Uint8Array): void {
    const copied = this.#encrypts ? Math.min(roster.length, PIECE) : 0;
    if (roster.length > PIECE) {
      this.#sendInPieces(roster);
    } else if (this.#encrypts || this.#stream.writableCorked > 0) {
      this.#sendAndWatch(roster, copied);
      return;
    } else {
      this.#stream.write(roster);
    }
    if (this.#stream.writableLength > 0) this.#sendAndWatch(NOTHING, copied);
  }

  /** All receivers share the pieces. The first one is sent in the turn that this is. */
  #sendInPieces(roster: Uint8Array): void {
    if (!this.#takesInTurn) takeInTurn(this.#stream, (send) => this.#inTurn(send));
    this.#takesInTurn = true;
    this.#isItsTurn = true;
    for (const piece of piecesOf(roster)) this.#stream.write(piece);
    this.#isItsTurn = false;
  }

  #inTurn(send: () => void): void {
    if (this.#isItsTurn) send();
    else this.#parts.inTurn(send);
  }

  /** @param copied bytes that the process holds for this connection alone until they have left */
  #sendAndWatch(bytes: Uint8Array, copied: number): void {
    this.#unflushed++;
    this.#inFlight += copied;
    this.#parts.inFlight.add(copied);
    this.#stream.write(bytes, this.#streamOnFlush);
    this.#progress ??= new Progress(this.#stream, this.#parts.clock, this);
  }

  readonly #streamOnFlush = (): void => {
    this.#unflushed--;
    if (this.#unflushed > 0) return;
    this.#release();
    this.#progress?.finish();
    this.#progress = undefined;
    if (this.#isBehind && this.#waitsFor === undefined) this.#parts.ready(this);
  };
}

/**
 * All is said, the goodbye included: the host does not wait for the client to hang up as well. At that, `ws` would end
 * what has ended, and each time Node makes an error with its stack, though nobody asks for it.
 */
function streamOnFinish(this: Duplex): void {
  this.destroy();
}

function webSocketOnMessage(this: WebSocket): void {
  connectionOf(this)?.ignored();
}

function webSocketOnClose(this: WebSocket, code: number, reason: Buffer): void {
  connectionOf(this)?.closed({ code, reason: reason.toString() });
}

function webSocketOnError(this: WebSocket, error: Error): void {
  connectionOf(this)?.depart({ code: ABNORMAL, reason: error.message });
}

function connectionOf(ws: WebSocket): Connection | undefined {
  return ws instanceof HostWebSocket ? ws.connection : undefined;
}
