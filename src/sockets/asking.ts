/** A client's socket that speaks `conference.2`: it is told what has changed, gets beats, and may ask. */
import type { Duplex } from 'node:stream';
import type { RawData } from 'ws';
import type { RoomChanges } from '../conference/changes';
import type { Departure, MemberFacts } from '../events';
import { BEAT_INTERVAL, type Beaten, type Beats } from './beats';
import { Connection, type ConnectionParts } from './connection';
import type { Account } from './egress';
import { FROM_ASKING, Requests, type RequestType } from './requests';
import type { HostWebSocket } from './web-socket';

export interface AskingParts extends ConnectionParts {
  readonly beats: Beats;
  /** A member has asked for something, and gets it. */
  readonly requested: (type: RequestType) => void;
}

export class AskingConnection extends Connection implements Beaten {
  /** The beats' own note. */
  beatTurn = 0;
  sentAt = 0;
  readonly #parts: AskingParts;
  readonly #requests: Requests;
  #changes: RoomChanges | undefined;
  #onSent: (bytes: number) => void = () => {};
  /** The number of the list that it has; undefined where it has none. */
  #seq: number | undefined;
  #hasHadRoster = false;
  #expiresAt: number | undefined;

  constructor(ws: HostWebSocket, stream: Duplex, parts: AskingParts) {
    super(ws, stream, parts, FROM_ASKING);
    this.#parts = parts;
    this.#requests = new Requests(parts.clock);
    ws.on('ping', () => this.#countFrame());
    ws.on('pong', () => this.#countFrame());
  }

  override admit(facts: MemberFacts, accounts: readonly Account[], expiresAt: number | undefined): void {
    super.admit(facts, accounts, expiresAt);
    this.#expiresAt = expiresAt;
  }

  /** It has joined a room, whose changes these are. */
  follow(changes: RoomChanges, onSent: (bytes: number) => void): void {
    this.#changes = changes;
    this.#onSent = onSent;
    this.sentAt = this.#parts.clock.now();
    this.#parts.beats.watch(this);
  }

  /** Takes what has changed for it instead, where anything has. */
  override take(_roster: Uint8Array): boolean {
    const changes = this.#changes;
    if (changes === undefined || changes.seq === this.#seq) return true;
    const frame = this.#hasHadRoster ? changes.since(this.#seq) : changes.first(this.#promises());
    if (!super.take(frame)) return false;
    this.#seq = changes.seq;
    this.#hasHadRoster = true;
    this.sentAt = this.#parts.clock.now();
    this.#onSent(frame.length);
    return true;
  }

  override depart(departure: Departure): void {
    super.depart(departure);
    this.#parts.beats.unwatch(this);
  }

  override say(frame: Uint8Array): void {
    super.say(frame);
    this.sentAt = this.#parts.clock.now();
  }

  override said(data: RawData, isBinary: boolean): void {
    if (!this.#countFrame() || !this.isMember) return;
    const request = isBinary ? undefined : this.#requests.read(data.toString());
    if (request === undefined) {
      super.said(data, isBinary);
      return;
    }
    this.#parts.requested(request.type);
    if (request.type === 'beat') this.#parts.beats.beat(this);
    else this.#askForRoster();
  }

  /** The whole list comes when it is its turn, as it may be long. */
  #askForRoster(): void {
    this.#seq = undefined;
    this.#parts.inTurn(() => this.#parts.ready(this));
  }

  #countFrame(): boolean {
    const isFew = this.#requests.countFrame();
    if (!isFew) this.flooded();
    return isFew;
  }

  /** What its first roster says besides: when it hears something at the latest, and when its token expires. */
  #promises(): string {
    const beat = `"beat":${BEAT_INTERVAL}`;
    if (this.#expiresAt === undefined) return beat;
    return `${beat},"expires":${Math.max(0, Math.round(this.#expiresAt - Date.now()))}`;
  }
}
