/**
 * What nodes tell each other about a room: always the whole list of the streams that one of them holds there,
 * so that any message may be lost, doubled or late. Pure.
 */

/** The first item of every message. Nodes ignore (and count) what has another one: a later format. */
const FORMAT = 1;

/** The head of a message, as `encodeMessage` writes it. */
const HEAD = /^\[1,"([\w-]{1,64})",(\d{1,16}),/;

/** Stream names with their stamps. */
export type StampedStreams = ReadonlyMap<string, number>;

export interface Head {
  /** The node whose list it is. */
  readonly node: string;
  /** Grows with every list that the node sends. */
  readonly version: number;
}

export interface Message extends Head {
  readonly streams: StampedStreams;
}

export function encodeMessage({ node, version, streams }: Message): string {
  return JSON.stringify([FORMAT, node, version, [...streams]]);
}

/** Whose list it is, without reading the list; undefined where the text is no message. */
export function peekHead(text: string): Head | undefined {
  const [, node, version] = HEAD.exec(text) ?? [];
  return node === undefined ? undefined : { node, version: Number(version) };
}

/** @returns undefined where the text is no message, or one of another format */
export function decodeMessage(text: string): Message | undefined {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  const [format, node, version, list]: unknown[] = parsed;
  if (format !== FORMAT || typeof node !== 'string' || !isCount(version)) return undefined;
  if (!Array.isArray(list) || !list.every(isStampedStream)) return undefined;
  return { node, version, streams: new Map(list) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStampedStream(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && isCount(value[1]);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
