/**
 * What nodes tell each other about a room: the whole list of the streams that one of them holds there, or what has
 * changed of it since the version before. Any message may be lost, doubled or late. Pure.
 */

import { LONGEST_GRACE } from './timing';

/** The formats that this node understands. Which one it writes, all nodes agree on. */
export const FORMATS: FormatRange = { oldest: 1, newest: 3 };

/** The first format that can say that a node hands its streams over. */
export const HANDOVER_FORMAT = 2;

/** The first format with deltas, and with digests of what a node has sent lately. */
export const DELTA_FORMAT = 3;

export interface FormatRange {
  readonly oldest: number;
  readonly newest: number;
}

/** Characters. No host admits names of more than a quarter of it; a later one may. */
const LONGEST_NAME = 1_024;

/** The head of a message, as it is encoded. */
const HEAD = /^\[[123],"([\w-]{1,64})",(\d{1,16}),/;

/** Stream names with their stamps. */
export type StampedStreams = ReadonlyMap<string, number>;

export interface Head {
  /** The node whose list it is. */
  readonly node: string;
  /** Grows with every list that the node sends. */
  readonly version: number;
}

export interface WholeList extends Head {
  readonly streams: StampedStreams;
  /** The node stops: its streams stay listed until they are back elsewhere, or for so many milliseconds. */
  readonly grace?: number | undefined;
}

/** What makes one version of a list out of another one. */
export interface Delta extends Head {
  /** The version that it is about. */
  readonly base: number;
  /** Streams that have come, or have another stamp. */
  readonly changed: StampedStreams;
  readonly left: readonly string[];
}

export type Message = WholeList | Delta;

export function isDelta(message: Message): message is Delta {
  return 'base' in message;
}

/**
 * An empty list is the last word of a node in a room, which it will not say again in another format: it is in the
 * oldest, which a node that was away and is back understands whatever it is.
 */
export function encodeMessage({ node, version, streams, grace }: WholeList, format: number): string {
  if (streams.size === 0) return JSON.stringify([FORMATS.oldest, node, version, []]);
  const handover = format >= HANDOVER_FORMAT && grace !== undefined ? [grace] : [];
  return JSON.stringify([format, node, version, [...streams], ...handover]);
}

export function encodeDelta({ node, version, base, changed, left }: Delta): string {
  return JSON.stringify([DELTA_FORMAT, node, version, base, [...changed], left]);
}

/** Whose list it is, without reading the list; undefined where the text is no message. */
export function peekHead(text: string): Head | undefined {
  const [, node, version] = HEAD.exec(text) ?? [];
  return node === undefined ? undefined : { node, version: Number(version) };
}

/**
 * @param most the largest version and stamp that can be
 * @returns undefined where the text is no message, or one of another format
 */
export function decodeMessage(text: string, most: number): Message | undefined {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  const [format, node, version, ...content]: unknown[] = parsed;
  const isCount = (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most;
  if (typeof node !== 'string' || !isCount(version) || !isKnown(format)) return undefined;
  const head = { node, version };
  return format >= DELTA_FORMAT && typeof content[0] === 'number'
    ? deltaOf(head, content, isCount)
    : wholeListOf(head, content, format, isCount);
}

type IsCount = (value: unknown) => value is number;

function wholeListOf(head: Head, [list, grace]: unknown[], format: number, isCount: IsCount) {
  const streams = streamsOf(list, isCount);
  if (streams === undefined) return undefined;
  if (format < HANDOVER_FORMAT || !isCount(grace)) return { ...head, streams };
  return { ...head, streams, grace: Math.min(grace, LONGEST_GRACE) };
}

function deltaOf(head: Head, [base, list, left]: unknown[], isCount: IsCount): Delta | undefined {
  const changed = streamsOf(list, isCount);
  if (changed === undefined || !isCount(base) || base >= head.version) return undefined;
  if (!Array.isArray(left) || !left.every(isName)) return undefined;
  return { ...head, base, changed, left };
}

function streamsOf(list: unknown, isCount: IsCount): Map<string, number> | undefined {
  const isStampedStream = (value: unknown): value is [string, number] =>
    Array.isArray(value) && isName(value[0]) && isCount(value[1]);
  return Array.isArray(list) && list.every(isStampedStream) ? new Map(list) : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
}

function isKnown(format: unknown): format is number {
  return typeof format === 'number' && format >= FORMATS.oldest && format <= FORMATS.newest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether it says what its node holds from now on. A node that stops says goodbye to a room where it holds nothing with an empty list. */
export function holdsOn(message: Message): boolean {
  return isDelta(message) || (message.grace === undefined && message.streams.size > 0);
}
