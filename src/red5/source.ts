/** Whoever is asked which streams are live: a standalone server, or the Stream Manager of a cluster. */
import type { Ended } from '../conference/media-status';

export interface Pace {
  /** Milliseconds between two questions about the same. */
  readonly interval: number;
  /** Milliseconds between any two questions, on average. */
  readonly gap: number;
  /**
   * Questions that go together: each wakes the process, and a thousand rooms would wake it two hundred times a second,
   * which costs three times as much as what is asked.
   */
  readonly burst: number;
  /** Questions in flight. */
  readonly most: number;
}

/** The streams of a room, as the server answered. */
export type Live = ReadonlySet<string>;

export interface Found {
  /** Names in the answer that no client could have. */
  readonly badNames: number;
  /** By room. Of a server that is asked about one room, that room or, where it has never heard of it, nothing. */
  readonly rooms: ReadonlyMap<string, Live>;
}

export interface Source {
  readonly pace: Pace;
  /** What one question is about. */
  readonly asksAbout: 'a room' | 'all rooms';
  /** @throws CannotAsk */
  ask(room: string): Promise<Found>;
  /** Never rejects. */
  end(room: string, stream: string): Promise<Ended>;
  close(): void;
}

/** The server is unreachable. The message says why, and what to do about it; it holds no secret. */
export class CannotAsk extends Error {}

export const UNDOCUMENTED = 'its answer is not what the API documents';

/** What is said of a status that is not documented. */
export function badStatus(status: number): string {
  const isRedirect = status >= 300 && status < 400;
  return `it answers with status ${status}${isRedirect ? ': look whether the URL is that of the API' : ''}`;
}

/** @throws CannotAsk */
export function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new CannotAsk('its answer is no JSON: look whether the URL is that of the API');
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
