/**
 * What nodes tell each other about a room: always the whole list of the streams that one of them holds there,
 * so that any message may be lost, doubled or late. Pure.
 */

/** The formats that this node understands. Which one it writes, all nodes agree on. */
export const FORMATS: FormatRange = { oldest: 1, newest: 2 };

/** The first format that can say that a node hands its streams over. */
export const HANDOVER_FORMAT = 2;

export interface FormatRange {
  readonly oldest: number;
  readonly newest: number;
}

/** The head of a message, as `encodeMessage` writes it. */
const HEAD = /^\[[12],"([\w-]{1,64})",(\d{1,16}),/;

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
  /** The node stops: its streams stay listed until they are back elsewhere, or for so many milliseconds. */
  readonly grace?: number | undefined;
}

export function encodeMessage({ node, version, streams, grace }: Message, format: number): string {
  const handover = format >= HANDOVER_FORMAT && grace !== undefined ? [grace] : [];
  return JSON.stringify([format, node, version, [...streams], ...handover]);
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
  const [format, node, version, list, grace]: unknown[] = parsed;
  const isCount = (value: unknown) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most;
  const isStampedStream = (value: unknown): value is [string, number] =>
    Array.isArray(value) && typeof value[0] === 'string' && isCount(value[1]);
  if (typeof node !== 'string' || !isCount(version) || !isKnown(format)) return undefined;
  if (!Array.isArray(list) || !list.every(isStampedStream)) return undefined;
  const message = { node, version: Number(version), streams: new Map(list) };
  return format >= HANDOVER_FORMAT && isCount(grace) ? { ...message, grace: Number(grace) } : message;
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
