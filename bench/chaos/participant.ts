/**
 * A well-behaved client, as the pages in the field are: it answers pings, never reconnects, parses every frame,
 * and keeps its list by difference.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

/** What happens to a participant. */
export interface Watcher {
  /** A roster came, and this is how it differs from the one before; the first one differs in nothing. */
  heard(participant: Participant, joined: readonly string[], left: readonly string[]): void;
  /** A frame came that no roster of this room may be. */
  wronged(participant: Participant, why: string): void;
  closed(participant: Participant, code: number, reason: string): void;
}

/** How a participant leaves: with a closing handshake, or as machines and networks die. */
export const WAYS_TO_LEAVE = ['close frame', 'FIN', 'RST'] as const;
export type WayToLeave = (typeof WAYS_TO_LEAVE)[number];

export class Participant {
  readonly room: string;
  readonly name: string;
  /** By `performance.now()`. */
  readonly startedAt = performance.now();
  /** By `performance.now()`; undefined before the first roster. */
  heardAt: number | undefined;
  /** The last roster, as it came. */
  roster: readonly string[] = [];
  /** The list that grew by the differences. */
  readonly list = new Set<string>();
  leaving = false;
  readonly #ws: WebSocket;
  readonly #watcher: Watcher;

  constructor(port: number, room: string, name: string, watcher: Watcher) {
    this.room = room;
    this.name = name;
    this.#watcher = watcher;
    const query = `room=${encodeURIComponent(room)}&streamName=${encodeURIComponent(name)}`;
    this.#ws = new WebSocket(`ws://127.0.0.1:${port}/?${query}`, { perMessageDeflate: false });
    this.#ws.on('message', (data, isBinary) => this.#onFrame(isBinary ? '' : data.toString()));
    this.#ws.on('close', (code, reason) => watcher.closed(this, code, reason.toString()));
    this.#ws.on('error', () => {});
  }

  get joined(): boolean {
    return this.heardAt !== undefined;
  }

  leave(way: WayToLeave): void {
    this.leaving = true;
    const socket = socketOf(this.#ws);
    if (way === 'close frame' || socket === null) this.#ws.close(1000);
    else if (way === 'FIN') socket.destroy();
    else socket.resetAndDestroy();
  }

  #onFrame(frame: string): void {
    const roster = parseRoster(frame, this.room);
    if (roster === undefined) {
      this.#watcher.wronged(this, `got ${frame.slice(0, 80)}`);
      return;
    }
    if (!roster.includes(this.name)) this.#watcher.wronged(this, 'is not in its own roster');
    const now = new Set(roster);
    const joined = roster.filter((name) => !this.list.has(name));
    const left = [...this.list].filter((name) => !now.has(name));
    for (const name of joined) this.list.add(name);
    for (const name of left) this.list.delete(name);
    this.roster = roster;
    this.#watcher.heard(this, this.joined ? joined : [], left);
    this.heardAt = performance.now();
  }
}

/** The streams of a roster, or undefined where the frame is no roster of this room. */
function parseRoster(frame: string, room: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'room,streams') return;
    const roster = value as { readonly room: unknown; readonly streams: unknown };
    if (roster.room !== room || !Array.isArray(roster.streams)) return;
    return new Set(roster.streams).size === roster.streams.length ? roster.streams : undefined;
  } catch {
    return undefined;
  }
}

/** `ws` hands its socket to nobody, and only a socket can be cut or reset. Null before the handshake. */
function socketOf(ws: WebSocket): Socket | null {
  return (ws as unknown as { readonly _socket: Socket | null })._socket;
}
