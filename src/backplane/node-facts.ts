/** What a node says of itself, for people and for the other nodes. */
import { randomBytes } from 'node:crypto';
import type { FormatRange } from './message';
import { LONGEST_GRACE } from './timing';

/** The first item; facts of another format are not understood. */
const FORMAT = 1;

/** What a node speaks that says nothing of it. */
const FIRST_FORMATS: FormatRange = { oldest: 1, newest: 1 };

/** A name for a node, new with each start: so its versions never go back. */
export function newNodeId(): string {
  return randomBytes(9).toString('base64url');
}

export interface NodeFacts {
  /** Milliseconds since the epoch, by the node's own clock. */
  readonly startedAt: number;
  readonly machine: string;
  /** Rooms in which it has members, and the streams that it holds in them. */
  readonly rooms: number;
  readonly streams: number;
  /** Of the host; empty where it does not say. */
  readonly version: string;
  /** Formats of messages that it understands. */
  readonly formats: FormatRange;
  /** Redis has all that it holds. Not so after a loss, until it has said everything again. */
  readonly synced: boolean;
  /** The addresses of Redis that it has, as `listName` names them: empty where it is one. */
  readonly addresses: string;
  /** It stops: for so many milliseconds, whoever comes back from it is waited for. */
  readonly grace?: number | undefined;
}

export function encodeFacts(facts: NodeFacts): string {
  const { startedAt, machine, rooms, streams, version, formats, synced, addresses, grace } = facts;
  const { oldest, newest } = formats;
  const list = addresses === '' && grace === undefined ? [] : [addresses];
  const leaving = grace === undefined ? [] : [grace];
  return JSON.stringify([
    FORMAT,
    startedAt,
    machine,
    rooms,
    streams,
    version,
    oldest,
    newest,
    synced,
    ...list,
    ...leaving,
  ]);
}

/** Stands for facts that are not understood: so their node is one of the future. */
export const FOREIGN_FACTS: NodeFacts = {
  startedAt: 0,
  machine: 'an unknown machine',
  rooms: 0,
  streams: 0,
  version: '',
  formats: { oldest: Infinity, newest: Infinity },
  synced: true,
  addresses: '',
};

/** @returns undefined where the text is none, or of another format */
export function decodeFacts(text: string): NodeFacts | undefined {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  const [format, startedAt, machine, rooms, streams, version, ...rest]: unknown[] = parsed;
  const [oldest, newest, synced, addresses, grace] = rest;
  if (format !== FORMAT || typeof machine !== 'string') return undefined;
  if (!isNumber(startedAt) || !isNumber(rooms) || !isNumber(streams)) return undefined;
  if (newest !== undefined && !(isCount(oldest) && isCount(newest))) return undefined;
  return {
    startedAt,
    machine,
    rooms,
    streams,
    version: typeof version === 'string' ? version : '',
    formats: isCount(oldest) && isCount(newest) ? { oldest, newest } : FIRST_FORMATS,
    synced: synced !== false,
    addresses: typeof addresses === 'string' ? addresses : '',
    ...(isCount(grace) && { grace: Math.min(grace, LONGEST_GRACE) }),
  };
}

/** Whether it is a whole number from 0. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
