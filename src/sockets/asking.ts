/** A client's socket that speaks `conference.2`: it is told what has changed, gets beats, and may ask. */
import type { Duplex } from 'node:stream';
import type { RawData } from 'ws';
import type { Asker } from '../conference/askers';
import type { RoomChanges } from '../conference/changes';
import { encodeMetadata, parseMetadata, type ReadMetadata, readMetadata } from '../conference/metadata';
import { type Grant, queryParameters } from '../conference/protocol';
import type { Departure, MemberFacts } from '../events';
import { BEAT_INTERVAL, type Beaten, type Beats } from './beats';
import { Connection, type ConnectionParts } from './connection';
import type { Account } from './egress';
import { textFrame } from './frame';
import { FROM_ASKING, Requests, type RequestType } from './requests';
import type { HostWebSocket } from './web-socket';

export interface AskingParts extends ConnectionParts {
  readonly beats: Beats;
  /** A member has asked for something. */
  readonly requested: (type: RequestType, outcome: 'done' | 'refused') => void;
  /** A member tells something else of itself. */
  readonly noted: (member: Connection) => void;
}

const NO_ROSTER = new Uint8Array(0);
const NOTHING_SAID: ReadMetadata = { ok: true, metadata: {} };

export class AskingConnection extends Connection implements Beaten, Asker {
  readonly asker = this;
  readonly tells: boolean;
  /** The beats' own note. */
  beatTurn = 0;
  sentAt = 0;
  note: string | undefined;
  readonly #parts: AskingParts;
  readonly #requests: Requests;
  /** What it says of itself on joining, as JSON. */
  readonly #introduction: string | undefined;
  #grant: Grant = {};
  #changes: RoomChanges | undefined;
  #onSent: (bytes: number) => void = () => {};
  /** The number of the list that it has; undefined where it has none. */
  #seq: number | undefined;
  #hasHadRoster = false;
  /** Why what it says of itself on joining is not told. */
  #problem: string | undefined;
  /** What it says of itself came too soon, and waits; the newest counts. */
  #waiting: ReadMetadata | undefined;
  #stopWaiting: (() => void) | undefined;

  /** @param target of its request, which says what it wants */
  constructor(ws: HostWebSocket, stream: Duplex, parts: AskingParts, target: string) {
    super(ws, stream, parts, FROM_ASKING);
    const parameters = queryParameters(target);
    this.tells = parameters.get('tell') === 'metadata';
    this.#introduction = parameters.get('metadata');
    this.#parts = parts;
    this.#requests = new Requests(parts.clock);
    ws.on('ping', () => this.#countFrame());
    ws.on('pong', () => this.#countFrame());
  }

  override admit(facts: MemberFacts, accounts: readonly Account[], grant: Grant): void {
    super.admit(facts, accounts, grant);
    this.#grant = grant;
    const said = this.#introduction;
    this.#problem = this.#introduce(said === undefined ? NOTHING_SAID : parseMetadata(said));
    if (this.#problem !== undefined) this.#introduce(NOTHING_SAID);
  }

  follow(changes: RoomChanges, onSent: (bytes: number) => void): void {
    this.#changes = changes;
    this.#onSent = onSent;
    this.sentAt = this.#parts.clock.now();
    this.#parts.beats.watch(this);
  }

  remind(): void {
    this.#parts.inTurn(this.#takeNow);
  }

  /** Before its first list, nothing can be about the room that it knows. */
  hear(frame: Uint8Array): void {
    if (this.#hasHadRoster && this.isMember) this.say(frame);
  }

  /** Takes what is new to it instead, where anything is. */
  override take(_roster: Uint8Array): boolean {
    const changes = this.#changes;
    const news = this.#hasHadRoster ? changes?.news(this.#seq, this.tells) : this.#first();
    if (changes === undefined || news === undefined) return true;
    if (!super.take(news)) return false;
    this.#seq = changes.seq;
    this.sentAt = this.#parts.clock.now();
    this.#onSent(news.length);
    if (!this.#hasHadRoster) this.#hadRoster();
    return true;
  }

  override depart(departure: Departure): void {
    super.depart(departure);
    this.#stopWaiting?.();
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
    const problem = request.type === 'metadata' ? this.#tellIn(request.wait, request.read) : undefined;
    this.#parts.requested(request.type, problem === undefined ? 'done' : 'refused');
    if (problem !== undefined) this.#refuse(problem);
    else if (request.type === 'beat') this.#parts.beats.beat(this);
    else if (request.type === 'roster') this.#askForRoster();
  }

  /** The same function each time: whoever waits for its turn already does not wait twice. */
  readonly #takeNow = (): void => {
    this.take(NO_ROSTER);
  };

  /** The whole list comes when it is its turn, as it may be long. */
  #askForRoster(): void {
    this.#seq = undefined;
    this.#parts.inTurn(() => this.#parts.ready(this));
  }

  /** Never overtakes what waits, whose time may have come unnoticed. @returns why not; undefined also where it waits */
  #tellIn(milliseconds: number, read: ReadMetadata): string | undefined {
    const isFree = milliseconds === 0 && this.#waiting === undefined;
    if (isFree || !read.ok || this.observer) return this.#tell(read);
    this.#waiting = read;
    this.#stopWaiting ??= this.#parts.clock.schedule(() => this.#timerOnWaited(), milliseconds);
    return undefined;
  }

  #timerOnWaited(): void {
    this.#stopWaiting = undefined;
    const problem = this.#waiting && this.#tell(this.#waiting);
    this.#waiting = undefined;
    if (problem !== undefined) this.#refuse(problem);
  }

  /** @returns why not */
  #tell(read: ReadMetadata): string | undefined {
    if (this.observer) return 'observers have no metadata';
    const problem = this.#introduce(read);
    if (problem === undefined) this.#parts.noted(this);
    return problem;
  }

  /** Takes what it says of itself, and what its credentials say. @returns why not */
  #introduce(read: ReadMetadata): string | undefined {
    const all = read.ok ? readMetadata({ ...read.metadata, ...this.#grant.metadata }) : read;
    if (!all.ok) return `the metadata ${all.problem}`;
    this.note = encodeMetadata(all.metadata);
    return undefined;
  }

  #refuse(reason: string): void {
    this.say(textFrame(JSON.stringify({ type: 'refused', reason })));
  }

  #hadRoster(): void {
    this.#hasHadRoster = true;
    if (this.#problem !== undefined) this.#refuse(this.#problem);
    this.#problem = undefined;
  }

  #countFrame(): boolean {
    const isFew = this.#requests.countFrame();
    if (!isFew) this.flooded();
    return isFew;
  }

  /** Its first roster says besides when it hears something at the latest, and when its token expires. */
  #first(): Uint8Array | undefined {
    const { expiresAt } = this.#grant;
    const beat = `"beat":${BEAT_INTERVAL}`;
    const left = expiresAt === undefined ? undefined : Math.max(0, Math.round(expiresAt - Date.now()));
    return this.#changes?.first(left === undefined ? beat : `${beat},"expires":${left}`, this.tells);
  }
}
