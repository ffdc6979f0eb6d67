/** What nodes say to each other of their streams' notes. Pure. */
import { MAX_METADATA_BYTES, parseMetadata } from '../conference/metadata';

/** What a stream tells of itself. */
export interface Note {
  /** Grows with each that is told. Of two for one stream the larger counts, of two with the same stamp the larger text. */
  readonly stamp: number;
  /** As JSON; undefined where it has none any more. */
  readonly text: string | undefined;
}

export type NamedNotes = Iterable<readonly [name: string, note: Note]>;

/** Notes of a room, or the question for all that nodes have of it. */
export interface NoteMessage {
  readonly room: string;
  /** Undefined in a question. */
  readonly notes: ReadonlyMap<string, Note> | undefined;
}

const FORMAT = 1;
/** Bytes of a message; one note and its names always fit. */
const LONGEST = 32_768;
/** Bytes of a room's or a stream's name. */
const LONGEST_NAME = 256;

export function encodeQuestion(room: string): string {
  return JSON.stringify([FORMAT, room]);
}

/** As many messages as it takes. */
export function encodeNotes(room: string, notes: NamedNotes): string[] {
  const head = `[${FORMAT},${JSON.stringify(room)},[`;
  const messages: string[] = [];
  let items = '';
  let bytes = 0;
  for (const [name, { stamp, text }] of notes) {
    const item = JSON.stringify([name, stamp, text ?? null]);
    const more = Buffer.byteLength(item) + 1;
    if (items !== '' && Buffer.byteLength(head) + bytes + more + 2 > LONGEST) {
      messages.push(`${head}${items}]]`);
      items = '';
      bytes = 0;
    }
    bytes += more;
    items += items === '' ? item : `,${item}`;
  }
  if (items !== '') messages.push(`${head}${items}]]`);
  return messages;
}

/**
 * @param most the largest stamp that can be
 * @returns undefined where the text is no message, is too long, or has anything in it that no node tells
 */
export function decodeNotes(text: string, most: number): NoteMessage | undefined {
  const parsed = text.length > LONGEST ? undefined : parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  const [format, room, list]: unknown[] = parsed;
  if (format !== FORMAT || !isName(room)) return undefined;
  if (parsed.length === 2) return { room, notes: undefined };
  if (!Array.isArray(list)) return undefined;
  const notes = new Map<string, Note>();
  for (const item of list) {
    if (!Array.isArray(item)) return undefined;
    const [name, stamp, note]: unknown[] = item;
    if (!isName(name) || !isStamp(stamp, most) || !(note === null || isNote(note))) return undefined;
    notes.set(name, { stamp, text: note ?? undefined });
  }
  return { room, notes };
}

/** Whether one note counts more than another one. */
export function isNewer(note: Note, than: Note | undefined): boolean {
  if (than === undefined || note.stamp !== than.stamp) return note.stamp > (than?.stamp ?? -1);
  return (note.text ?? '') > (than.text ?? '');
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= LONGEST_NAME;
}

function isStamp(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most;
}

/** It goes into the frames of members as it is. */
function isNote(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_METADATA_BYTES && parseMetadata(value).ok;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
