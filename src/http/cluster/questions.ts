/** What nodes ask each other for the API, and what they answer. Whatever comes in is checked against it. */
import { count, flag, list, type Of, object, oneOf, type Schema, text, whole } from '../schema';
import { happeningSchema, limitSchema, streamMediaSchema, visitSchema } from '../schemas';

/** Rooms of which a node tells in one answer; those beyond that are counted only. */
export const MOST_ROOMS = 50_000;
/** Members that a node tells in one answer: pages are merged of as many of each node. */
export const MOST_MEMBERS = 20_000;
/** Characters of a search. */
export const LONGEST_SEARCH = 256;

/** Characters of an order that bans somebody. */
const LONGEST_ORDER = 8 * 1024;

/** Characters of a message: a body of 4 KiB has fewer. */
const LONGEST_MESSAGE = 8 * 1024;

const search = text(undefined, LONGEST_SEARCH);
/** 256 bytes at most, where it is a room's. */
const room = text(undefined, 256);
/** A member's number on its node. */
const number = whole(1, Number.MAX_SAFE_INTEGER);

const numbersByNode: Schema<Readonly<Record<string, unknown>>> = { type: 'object' };

const roomRow = object(
  { room: text(), members: count(), streams: count(), since: count() },
  { matches: list(text()) },
);

const memberRow = object(
  { number, room: text(), streamName: text(), address: text(), since: count(), slow: flag() },
  { observer: flag() },
);

const turns = {
  /** The rooms that match a search. */
  rooms: {
    question: object({ search }),
    answer: object({ rooms: list(roomRow, undefined, MOST_ROOMS), left: count() }),
  },
  /** One room; nothing where nobody is in it. */
  room: {
    question: object({ room }),
    answer: object(
      { members: count(), streams: list(text()), since: count(), recent: list(visitSchema) },
      { media: list(streamMediaSchema) },
    ),
  },
  /** The first members, the longest-standing first. */
  members: {
    question: object({ search, most: whole(1, MOST_MEMBERS) }, { room }),
    answer: object({ total: count(), members: list(memberRow, undefined, MOST_MEMBERS) }),
  },
  /** Remove one member, or everybody in a room, or those of one stream. */
  remove: {
    question: object({}, { number, room, stream: room }),
    answer: object({
      removed: count(),
      members: list(memberRow),
      /** Names under which those in a room may publish. */
      streams: list(text()),
    }),
  },
  /** An order that bans somebody, and how many it has closed. */
  banned: {
    question: object({ key: text(undefined, 64), entry: text(undefined, LONGEST_ORDER) }),
    answer: object({ removed: count() }),
  },
  /** A message for a room, as JSON, and how many it was sent to. */
  message: {
    question: object({ room, message: text(undefined, LONGEST_MESSAGE) }),
    answer: object({ receivers: count() }),
  },
  /** How many the node has, and how near it is to its limits. */
  figures: {
    question: object({}),
    answer: object({ rooms: count(), members: count(), limits: list(limitSchema) }),
  },
  /** What has happened on each node since the happening of this number; of those left out, the latest. */
  news: {
    question: object({ after: numbersByNode }),
    answer: object({ last: count(), skipped: count(), happenings: list(happeningSchema) }),
  },
} as const;

export type Kind = keyof typeof turns;
export type QuestionOf<K extends Kind> = Of<(typeof turns)[K]['question']>;
export type AnswerOf<K extends Kind> = Of<(typeof turns)[K]['answer']>;
/** Answers for one node. */
export type Answers = { readonly [K in Kind]: (question: QuestionOf<K>) => AnswerOf<K> };

type Dialogue = {
  readonly [K in Kind]: { readonly question: Schema<QuestionOf<K>>; readonly answer: Schema<AnswerOf<K>> };
};

export const dialogue: Dialogue = turns;
export type RoomRow = AnswerOf<'rooms'>['rooms'][number];
export type MemberRow = AnswerOf<'members'>['members'][number];

export const KINDS = oneOf(Object.keys(turns) as Kind[]);
