/**
 * What streams tell of themselves, carried to the nodes that ask for it. A note is told when it is given; who begins to
 * follow a room asks for what there is, and again from time to time, so that a message that was lost is put right.
 */
import type { Clock } from '../clock';
import type { News, Notes } from '../conference/backplane';
import type { RosterStream } from '../conference/rooms';
import { decodeNotes, encodeNotes, encodeQuestion, isNewer, type Note } from './note-message';

/** Milliseconds: a room is answered for so often at most. An answer goes to all who may have asked. */
const ANSWER_PAUSE = 500;
/** A clock of another node may be ahead by so many milliseconds: a day. */
const MOST_AHEAD = 86_400_000;
/** Notes of streams that are not listed yet, as they may overtake the list; more in one room are dropped. */
const MOST_EARLY = 1_000;

export interface SharedNotesParts {
  /** Made when it is needed first. */
  readonly news: () => News;
  readonly clock: Clock;
  /** Milliseconds between two questions for the same room. */
  readonly interval: number;
}

interface KnownNote extends Note {
  /** The room has listed its stream. */
  isListed: boolean;
  /** Questions since it came, as long as it is not listed. */
  age: number;
}

interface FollowedRoom {
  readonly listed: () => Iterable<RosterStream>;
  readonly notes: Map<string, KnownNote>;
}

export class SharedNotes implements Notes {
  readonly #parts: SharedNotesParts;
  /** Room → stream of this node → its note. */
  readonly #own = new Map<string, Map<string, Note>>();
  readonly #followed = new Map<string, FollowedRoom>();
  /** Rooms that were answered for lately → whether they were asked for since. */
  readonly #answered = new Map<string, { isAsked: boolean; readonly cancel: () => void }>();
  #news: News | undefined;
  #isStopped = false;
  #lastStamp = 0;
  #stopAsking: (() => void) | undefined;
  #roomNoted: (room: string) => void = () => {};

  constructor(parts: SharedNotesParts) {
    this.#parts = parts;
  }

  start(roomNoted: (room: string) => void): void {
    this.#roomNoted = roomNoted;
  }

  tell(room: string, { name, note: text }: RosterStream): void {
    if (this.#isStopped) return;
    const own = this.#own.get(room) ?? new Map<string, Note>();
    if (text === undefined && !own.has(name) && !this.#followed.get(room)?.notes.has(name)) return;
    this.#lastStamp = Math.max(Date.now(), this.#lastStamp + 1);
    const note = { stamp: this.#lastStamp, text };
    own.set(name, note);
    this.#own.set(room, own);
    this.#followed.get(room)?.notes.set(name, { ...note, isListed: true, age: 0 });
    this.#send(encodeNotes(room, [[name, note]]));
  }

  left(room: string, name: string): void {
    const own = this.#own.get(room);
    if (own?.delete(name) && own.size === 0) this.#own.delete(room);
  }

  follow(room: string, listed: () => Iterable<RosterStream>): void {
    if (this.#isStopped) return;
    const notes = new Map<string, KnownNote>();
    for (const [name, note] of this.#own.get(room) ?? [])
      notes.set(name, { ...note, isListed: true, age: 0 });
    this.#followed.set(room, { listed, notes });
    this.#send([encodeQuestion(room)]);
    this.#stopAsking ??= this.#askLater();
  }

  unfollow(room: string): void {
    this.#followed.delete(room);
    if (this.#followed.size > 0) return;
    this.#stopAsking?.();
    this.#stopAsking = undefined;
  }

  of(room: string): (stream: string) => string | undefined {
    const followed = this.#followed.get(room);
    if (followed !== undefined && followed.notes.size > 0) forgetUnlisted(followed);
    return (stream) => followed?.notes.get(stream)?.text;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopAsking?.();
    for (const { cancel } of this.#answered.values()) cancel();
    this.#answered.clear();
    this.#followed.clear();
    this.#own.clear();
    this.#news?.stop();
  }

  #send(messages: readonly string[]): void {
    const news = this.#news ?? this.#connect();
    for (const message of messages) news.tell(message);
  }

  #connect(): News {
    const news = this.#parts.news();
    this.#news = news;
    news.onNews(
      (text) => this.#newsOnText(text),
      () => this.#newsOnLink(),
    );
    return news;
  }

  /** What was told or asked before may be lost. */
  #newsOnLink(): void {
    for (const room of this.#own.keys()) this.#answer(room);
    this.#ask();
  }

  #newsOnText(text: string): void {
    const message = decodeNotes(text, Date.now() + MOST_AHEAD);
    if (message === undefined) return;
    const { room, notes } = message;
    if (notes === undefined) this.#answer(room);
    else this.#receive(room, notes);
  }

  #receive(room: string, notes: ReadonlyMap<string, Note>): void {
    const own = this.#own.get(room);
    for (const [name, note] of notes) {
      const held = own?.get(name);
      if (held === undefined || !isNewer(note, held)) continue;
      own?.set(name, note);
      this.#lastStamp = Math.max(this.#lastStamp, note.stamp);
    }
    const followed = this.#followed.get(room);
    if (followed !== undefined && this.#take(followed, notes)) this.#roomNoted(room);
  }

  /** @returns whether a stream that is listed has another note */
  #take(followed: FollowedRoom, notes: ReadonlyMap<string, Note>): boolean {
    const areAllListed = [...notes.keys()].every((name) => followed.notes.get(name)?.isListed);
    const listed = areAllListed ? notes : namesOf(followed);
    let early = 0;
    if (!areAllListed) for (const { isListed } of followed.notes.values()) if (!isListed) early++;
    let isOther = false;
    for (const [name, note] of notes) {
      const known = followed.notes.get(name);
      if (!isNewer(note, known)) continue;
      const isListed = listed.has(name);
      if (!isListed && known === undefined && ++early > MOST_EARLY) continue;
      followed.notes.set(name, { ...note, isListed, age: 0 });
      this.#lastStamp = Math.max(this.#lastStamp, note.stamp);
      if (isListed && note.text !== known?.text) isOther = true;
    }
    return isOther;
  }

  /** At once, or after a pause where that was done lately. */
  #answer(room: string): void {
    const lately = this.#answered.get(room);
    if (lately !== undefined) {
      lately.isAsked = true;
      return;
    }
    const own = this.#own.get(room);
    if (own === undefined || this.#isStopped) return;
    this.#send(encodeNotes(room, own));
    const cancel = this.#parts.clock.schedule(() => {
      const isAsked = this.#answered.get(room)?.isAsked;
      this.#answered.delete(room);
      if (isAsked) this.#answer(room);
    }, ANSWER_PAUSE);
    this.#answered.set(room, { isAsked: false, cancel });
  }

  #askLater(): () => void {
    return this.#parts.clock.schedule(() => {
      for (const followed of this.#followed.values()) forgetUnlisted(followed, true);
      this.#ask();
      this.#stopAsking = this.#askLater();
    }, this.#parts.interval);
  }

  #ask(): void {
    for (const room of this.#followed.keys()) this.#send([encodeQuestion(room)]);
  }
}

function namesOf({ listed }: FollowedRoom): Set<string> {
  return new Set(Array.from(listed(), ({ name }) => name));
}

/** @param growOlder a while is over: what has not been listed in all of it, is not waited for any longer */
function forgetUnlisted(followed: FollowedRoom, growOlder = false): void {
  const listed = namesOf(followed);
  for (const [name, note] of followed.notes) {
    if (listed.has(name)) note.isListed = true;
    else if (note.isListed || (growOlder && ++note.age > 1)) followed.notes.delete(name);
  }
}
