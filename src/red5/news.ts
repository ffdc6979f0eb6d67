/** What nodes tell each other of the media: the hints that landed on one of them, and the answers that one has got. */
import { isRecord, type Live } from './source';

export interface HintNews {
  readonly kind: 'hint';
  readonly room: string;
  readonly stream: string;
  /** `ended`: an operator has, and the server has said so. */
  readonly outcome: 'published' | 'unpublished' | 'ended';
}

export interface AnswerNews {
  readonly kind: 'answer';
  /** What the question was about: a room, or '' for all. */
  readonly about: string;
  readonly rooms: ReadonlyMap<string, Live>;
  /** Milliseconds since the question was asked: clocks of nodes differ, what lasts does not. */
  readonly age: number;
  /** How the node that asked lists the room, so that all list it so. Empty where the question was about all rooms. */
  readonly order: readonly string[];
}

export function writeNews(news: HintNews | AnswerNews): string {
  if (news.kind === 'hint') return JSON.stringify(news);
  return JSON.stringify({ ...news, rooms: Array.from(news.rooms, ([room, live]) => [room, [...live]]) });
}

/** Undefined where it is of a version that this node does not speak. */
export function readNews(text: string): HintNews | AnswerNews | undefined {
  const news = parse(text);
  if (!isRecord(news)) return undefined;
  const { kind, room, stream, outcome, about, rooms, age, order } = news;
  if (kind === 'hint' && typeof room === 'string' && typeof stream === 'string') {
    return isOutcome(outcome) ? { kind, room, stream, outcome } : undefined;
  }
  if (kind !== 'answer' || typeof about !== 'string' || typeof age !== 'number') return undefined;
  if (!isNames(order) || !Array.isArray(rooms) || !rooms.every(isRoom)) return undefined;
  return { kind, about, age, order, rooms: new Map(rooms.map(([name, live]) => [name, new Set(live)])) };
}

function isOutcome(value: unknown): value is HintNews['outcome'] {
  return value === 'published' || value === 'unpublished' || value === 'ended';
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isRoom(value: unknown): value is [string, string[]] {
  return Array.isArray(value) && typeof value[0] === 'string' && isNames(value[1]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
