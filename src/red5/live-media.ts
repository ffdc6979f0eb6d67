/** The media of the rooms that have members here: hints are acted on at once, answers are the truth. */
import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock';
import type { News } from '../conference/backplane';
import type { Media } from '../conference/media';
import type { Ended, HintOutcome, MediaEvents, MediaView, StreamMedia } from '../conference/media-status';
import type { RosterStream } from '../conference/rooms';
import { type Hint, readHint } from './hint';
import { GRACE } from './known-stream';
import { type AnswerNews, readNews, writeNews } from './news';
import { Poller } from './poller';
import { type MediaChange, RoomMedia, type RosterKind } from './room-media';
import type { Found, Live, Source } from './source';

/** Milliseconds after which an answer that misses somebody is checked: nobody goes by a single one. */
export const SECOND_LOOK = 300;
/** Milliseconds that a node waits longer than another that asks regularly, and as much more by chance. */
const PATIENCE = 500;
/** The same where another node asks at once, or looks a second time. */
const PATIENCE_ON_HINT = 50;
/** Milliseconds for which an answer about all rooms is good for one that has just opened. */
const FRESH = 10_000;

const NOBODY: Live = new Set();
/** What a question is about that is about all rooms. */
const ALL = '';

export interface LiveMediaParts {
  readonly clock: Clock;
  readonly source: Source;
  readonly app: string;
  readonly kind: RosterKind;
  readonly events: EventEmitter<MediaEvents>;
  /** Undefined where this node finds out by itself. */
  readonly news: News | undefined;
}

export class LiveMedia implements Media, MediaView {
  readonly #parts: LiveMediaParts;
  readonly #rooms = new Map<string, RoomMedia>();
  readonly #poller: Poller;
  readonly #graces = new Set<() => void>();
  #last: { readonly rooms: Found['rooms']; readonly askedAt: number } | undefined;
  #roomChanged: (room: string) => void = () => {};

  constructor(parts: LiveMediaParts) {
    this.#parts = parts;
    this.#poller = new Poller({
      clock: parts.clock,
      pace: parts.source.pace,
      ask: (subject) => this.#ask(subject),
      onState: (problem) => parts.events.emit('server', problem),
    });
  }

  start(roomChanged: (room: string) => void): void {
    this.#roomChanged = roomChanged;
    this.#parts.news?.onNews((text) => this.#newsOnText(text));
  }

  roomOpened(room: string): void {
    const media = new RoomMedia(this.#parts.kind);
    this.#rooms.set(room, media);
    this.#poller.watch(this.#subjectOf(room));
    const now = this.#parts.clock.now();
    if (this.#last === undefined || now - this.#last.askedAt > FRESH) return;
    media.answered(this.#last.rooms.get(room) ?? NOBODY, this.#last.askedAt, now);
  }

  roomClosed(room: string): void {
    this.#rooms.delete(room);
    if (this.#parts.source.asksAbout === 'a room' || this.#rooms.size === 0) {
      this.#poller.unwatch(this.#subjectOf(room));
    }
  }

  streams(room: string, held: Iterable<RosterStream>): Iterable<RosterStream> {
    return this.#rooms.get(room)?.streams(held, this.#parts.clock.now()) ?? held;
  }

  overview(room: string, held: Iterable<RosterStream>): StreamMedia[] {
    const sockets = [...held];
    const media = this.#rooms.get(room);
    const listed = new Set(Array.from(this.streams(room, sockets), ({ name }) => name));
    const holding = new Set(sockets.map(({ name }) => name));
    const all = new Set([...listed, ...holding, ...(media?.live ?? [])]);
    return Array.from(all, (stream) => {
      const liveSince = media?.liveSince(stream);
      const heldBy = !holding.has(stream) ? 'media' : liveSince === undefined ? 'socket' : 'both';
      return { stream, heldBy, listed: listed.has(stream), liveSince };
    });
  }

  hint(body: string): HintOutcome {
    const hint = readHint(this.#parts.app, body);
    const outcome = 'room' in hint && !this.#act(hint, 0) ? 'bad_name' : hint.outcome;
    this.#parts.events.emit('hint', outcome);
    if (!('room' in hint) || outcome === 'bad_name') return outcome;
    this.#poller.hurry(this.#subjectOf(hint.room));
    this.#parts.news?.tell(writeNews({ kind: 'hint', ...hint }));
    return outcome;
  }

  async end(room: string, stream: string): Promise<Ended> {
    const ended = await this.#parts.source.end(room, stream);
    if (ended !== 'ended') return ended;
    this.#ended(room, stream);
    this.#parts.news?.tell(writeNews({ kind: 'hint', room, stream, outcome: 'ended' }));
    return ended;
  }

  stop(): void {
    this.#poller.stop();
    for (const cancel of this.#graces) cancel();
    this.#graces.clear();
    this.#rooms.clear();
    this.#parts.source.close();
    this.#parts.news?.stop();
  }

  #subjectOf(room: string): string {
    return this.#parts.source.asksAbout === 'a room' ? room : ALL;
  }

  /**
   * @param patience milliseconds that this node gives another one to ask
   * @returns whether the room, where it has members here, had a place for it
   */
  #act({ room, stream, outcome }: Hint, patience: number): boolean {
    const media = this.#rooms.get(room);
    if (media === undefined) return true;
    const now = this.#parts.clock.now();
    if (outcome === 'unpublished') {
      if (media.unpublished(stream, now)) this.#waitForGrace(room, media, patience);
      return true;
    }
    const change = media.published(stream, now);
    this.#announce(room, change);
    return change !== undefined;
  }

  #ended(room: string, stream: string): void {
    this.#announce(room, this.#rooms.get(room)?.ended(stream, this.#parts.clock.now()));
  }

  /** The server is asked again then: it may have told of the end before it took the stream off its list. */
  #waitForGrace(room: string, media: RoomMedia, patience: number): void {
    const { clock } = this.#parts;
    const cancel = clock.schedule(() => {
      this.#graces.delete(cancel);
      if (this.#rooms.get(room) !== media) return;
      this.#announce(room, media.graceIsOver(clock.now()));
      this.#poller.hurryLater(this.#subjectOf(room), patience);
    }, GRACE);
    this.#graces.add(cancel);
  }

  #announce(room: string, change: MediaChange | undefined): void {
    if (change?.rosterChanged) this.#roomChanged(room);
  }

  /** @returns why the server could not be asked */
  async #ask(subject: string): Promise<string | undefined> {
    const { clock, source, events, news } = this.#parts;
    const askedAt = clock.now();
    try {
      const { rooms, badNames } = await source.ask(subject);
      const isKnown = source.asksAbout === 'all rooms' || rooms.has(subject);
      events.emit('asked', isKnown ? 'answered' : 'unknown_room', clock.now() - askedAt);
      if (badNames > 0) events.emit('badNames', badNames);
      const known = this.#withForgotten(subject, rooms);
      this.#take(subject, known, askedAt, 0);
      if (news !== undefined) this.#tell(subject, known, clock.now() - askedAt);
      return undefined;
    } catch (error) {
      events.emit('asked', 'failed', clock.now() - askedAt);
      return error instanceof Error ? error.message : 'unknown error';
    }
  }

  #tell(about: string, rooms: Found['rooms'], age: number): void {
    const order = this.#rooms.get(about)?.order ?? [];
    this.#parts.news?.tell(writeNews({ kind: 'answer', about, rooms, age, order }));
  }

  /** A server forgets a room when its last publisher has gone; one that it has never heard of may be its own problem. */
  #withForgotten(subject: string, rooms: Found['rooms']): Found['rooms'] {
    const isForgotten =
      this.#parts.source.asksAbout === 'a room' &&
      !rooms.has(subject) &&
      this.#rooms.get(subject)?.isForgettable === true;
    return isForgotten ? new Map([[subject, NOBODY]]) : rooms;
  }

  /** @param patience milliseconds that this node gives another one to ask again */
  #take(subject: string, rooms: Found['rooms'], askedAt: number, patience: number): void {
    if (this.#parts.source.asksAbout === 'a room') {
      const media = this.#rooms.get(subject);
      const live = rooms.get(subject);
      if (media !== undefined && live !== undefined) this.#apply(subject, media, live, askedAt, patience);
      return;
    }
    this.#last = { rooms, askedAt };
    for (const [room, media] of this.#rooms) {
      this.#apply(room, media, rooms.get(room) ?? NOBODY, askedAt, patience);
    }
  }

  #apply(room: string, media: RoomMedia, live: Live, askedAt: number, patience: number): void {
    const change = media.answered(live, askedAt, this.#parts.clock.now());
    if (change.corrected > 0) this.#parts.events.emit('corrected', change.corrected);
    if (change.unsure) this.#poller.hurryLater(this.#subjectOf(room), SECOND_LOOK + patience);
    this.#announce(room, change);
  }

  #newsOnText(text: string): void {
    const news = readNews(text);
    if (news?.kind === 'answer') this.#answeredElsewhere(news);
    if (news?.kind !== 'hint') return;
    const { room, stream, outcome } = news;
    if (outcome === 'ended') this.#ended(room, stream);
    else this.#hintElsewhere({ room, stream, outcome });
  }

  #hintElsewhere(hint: Hint): void {
    const subject = this.#subjectOf(hint.room);
    const patience = this.#patience(subject);
    this.#act(hint, patience);
    this.#poller.hurryLater(subject, patience);
  }

  #patience(subject: string): number {
    return (PATIENCE_ON_HINT + this.#poller.took(subject)) * (1 + 5 * Math.random());
  }

  #answeredElsewhere({ about, rooms, age, order }: AnswerNews): void {
    this.#poller.answeredElsewhere(about, age, PATIENCE * (1 + Math.random()));
    const known = this.#withForgotten(about, rooms);
    // The node that asked has not known the room when somebody published in it: it is told.
    if (known !== rooms) this.#tell(about, known, age);
    this.#take(about, known, this.#parts.clock.now() - age, this.#patience(about));
    if (this.#parts.kind === 'sockets') return;
    if (this.#rooms.get(about)?.adoptOrder(order)) this.#roomChanged(about);
  }
}
