/** What a node says of itself, for people to read. Pure. */

/** The first item; facts of another format are not shown. */
const FORMAT = 1;

export interface NodeFacts {
  /** Milliseconds since the epoch, by the node's own clock. */
  readonly startedAt: number;
  readonly machine: string;
  /** Rooms in which it has members, and the streams that it holds in them. */
  readonly rooms: number;
  readonly streams: number;
}

export function encodeFacts({ startedAt, machine, rooms, streams }: NodeFacts): string {
  return JSON.stringify([FORMAT, startedAt, machine, rooms, streams]);
}

/** @returns undefined where the text is none, or of another format */
export function decodeFacts(text: string): NodeFacts | undefined {
  try {
    const [format, startedAt, machine, rooms, streams] = JSON.parse(text);
    const numbers = [startedAt, rooms, streams].every((value) => typeof value === 'number');
    if (format !== FORMAT || !numbers || typeof machine !== 'string') return undefined;
    return { startedAt, machine, rooms, streams };
  } catch {
    return undefined;
  }
}
