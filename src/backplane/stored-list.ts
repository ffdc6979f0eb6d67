/** A node's list as Redis holds it: whole as of some version, and a journal of the deltas since then. Pure. */
import { decodeMessage, isDelta, peekHead, type WholeList } from './message';

/** Ends the name of the field with a node's journal: no node's own name has it. */
const JOURNAL = '+';

export interface StoredList {
  readonly node: string;
  /** The message with the whole list. */
  readonly text: string;
  /** The deltas since then, each behind a line feed. */
  readonly journal: string;
}

/** The lists of a room's hash. */
export function storedLists(fields: Readonly<Record<string, string>>): StoredList[] {
  const lists: StoredList[] = [];
  for (const [field, text] of Object.entries(fields)) {
    if (!field.endsWith(JOURNAL)) {
      lists.push({ node: field, text, journal: fields[field + JOURNAL] ?? '' });
      continue;
    }
    const node = field.slice(0, -JOURNAL.length);
    if (!(node in fields)) lists.push({ node, text: '', journal: text });
  }
  return lists;
}

/** The version that it has come to, however a list got there that is newer than its journal; 0 where it is no list. */
export function storedVersion({ text, journal }: StoredList): number {
  const version = peekHead(text)?.version ?? 0;
  if (version === 0 || journal === '') return version;
  return Math.max(peekHead(journal.slice(journal.lastIndexOf('\n') + 1))?.version ?? 0, version);
}

/**
 * @param most as in `decodeMessage`
 * @returns undefined where it is no list of that node. A delta that does not fit ends it: what was before is true
 */
export function decodeStored({ node, text, journal }: StoredList, most: number): WholeList | undefined {
  const list = decodeMessage(text, most);
  if (list === undefined || isDelta(list) || list.node !== node) return undefined;
  if (journal === '') return list;
  const streams = new Map(list.streams);
  let { version } = list;
  for (const line of journal.slice(1).split('\n')) {
    const delta = decodeMessage(line, most);
    if (delta === undefined || !isDelta(delta) || delta.node !== node || delta.base !== version) break;
    for (const [name, stamp] of delta.changed) streams.set(name, stamp);
    for (const name of delta.left) streams.delete(name);
    version = delta.version;
  }
  return { ...list, version, streams };
}
