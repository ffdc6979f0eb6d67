/** What an application is told of a room next, so that it knows what is true. Pure. */
import { randomUUID } from 'node:crypto';
import type { Account, RoomEvent } from '../conference/ledger';

/** Of a room that the application has not heard of. */
export const UNKNOWN: Account = { seq: 0, isOpen: false, streams: [] };

/** One message, ready to be signed. */
export interface Message {
  readonly id: string;
  readonly body: string;
}

/**
 * The account with the next event in it, or as it is where there is nothing to tell. An event that was made stays the
 * same until it is confirmed: it may have arrived.
 * @param streams the room's list; empty where it is closed
 * @param now milliseconds since the epoch
 * @param nextSeq a number greater than the one given, and than all before
 */
export function withEvent(
  account: Account,
  streams: readonly string[],
  now: number,
  nextSeq: (after: number) => number,
): Account {
  if (account.event !== undefined) return account;
  const type = nextType(account, streams);
  if (type === undefined) return account;
  const seq = nextSeq(account.seq);
  return { ...account, seq, event: { id: newId(), type, seq, time: now, streams } };
}

/** The application has the event. */
export function confirmed(account: Account): Account {
  const { seq, isOpen, event } = account;
  if (event === undefined) return account;
  if (event.type === 'roster.changed') return { seq, isOpen, streams: event.streams };
  return { seq, isOpen: event.type === 'room.opened', streams: account.streams };
}

/** The same text each time that it is made. */
export function messageOf(room: string, event: RoomEvent, before: readonly string[]): Message {
  const { id, type, seq, streams } = event;
  const data = { room, seq, ...(type === 'roster.changed' && { streams, ...difference(before, streams) }) };
  return { id, body: bodyOf(type, event.time, data) };
}

export function bodyOf(type: string, time: number, data: object): string {
  return JSON.stringify({ type, timestamp: new Date(time).toISOString(), data });
}

export function newId(): string {
  return `msg_${randomUUID()}`;
}

function nextType(
  { isOpen, streams: known }: Account,
  streams: readonly string[],
): RoomEvent['type'] | undefined {
  if (!isOpen) return streams.length > 0 ? 'room.opened' : undefined;
  if (known.length !== streams.length || known.some((name, index) => name !== streams[index]))
    return 'roster.changed';
  return streams.length === 0 ? 'room.empty' : undefined;
}

function difference(before: readonly string[], after: readonly string[]) {
  const [old, present] = [new Set(before), new Set(after)];
  return {
    joined: after.filter((name) => !old.has(name)),
    left: before.filter((name) => !present.has(name)),
  };
}
