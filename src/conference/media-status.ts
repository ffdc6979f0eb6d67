/** What is known of the media, as API, dashboard and metrics show it. */
import type { RosterStream } from './rooms';

/** Who holds a stream: a socket, its media, or both. */
export type Holder = 'socket' | 'media' | 'both';

/** A stream of a room, whether its roster lists it or not. */
export interface StreamMedia {
  readonly stream: string;
  readonly heldBy: Holder;
  /** Whether the roster lists it. */
  readonly listed: boolean;
  /** Since when its media is known to be live, in milliseconds since the epoch. */
  readonly liveSince: number | undefined;
}

/** What became of a webhook of the media server. */
export type HintOutcome =
  | 'published'
  | 'unpublished'
  /** An event that says nothing of streams. */
  | 'other'
  /** A stream of another app, or in no room. */
  | 'elsewhere'
  /** A name that no client could have, or one stream more than a room may have. */
  | 'bad_name'
  /** No JSON, or none of the documented form. */
  | 'malformed';

/**
 * How a question ended. `unknown_room`: the server has never heard of the room, which says nothing of those in it.
 * `failed`: it could not be asked.
 */
export type QuestionOutcome = 'answered' | 'unknown_room' | 'failed';

export interface MediaEvents {
  hint: [outcome: HintOutcome];
  /** `duration` is in milliseconds. */
  asked: [outcome: QuestionOutcome, duration: number];
  /** An answer put right what was believed of so many streams. */
  corrected: [streams: number];
  /** Names in an answer that no client could have. */
  badNames: [count: number];
  /** The media server is unreachable, and why; undefined when it is reachable again. */
  server: [problem: string | undefined];
}

/** How the end of somebody's publishing went. `not_publishing`: the server knows no such stream. */
export type Ended = 'ended' | 'not_publishing' | 'failed' | 'cannot_be_asked';

/** What API and webhooks get of the media. */
export interface MediaView {
  /** All streams of a room: those that are listed, in the roster's order, then those that are not. */
  overview(room: string, held: Iterable<RosterStream>): StreamMedia[];
  /** Takes what a webhook has posted. */
  hint(body: string): HintOutcome;
  /** Ends the publishing of a stream. Never rejects. */
  end(room: string, stream: string): Promise<Ended>;
}
