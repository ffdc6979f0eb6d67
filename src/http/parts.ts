/** What the http side gets from the host, and what its parts hand each other. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { BackplaneEvents, BackplaneStatus } from '../conference/backplane-status';
import type { HintOutcome, MediaEvents, MediaView } from '../conference/media-status';
import type { Room, RoomsView, RosterStream } from '../conference/rooms';
import type { Events, MemberFacts } from '../events';
import type { Access, Health } from './shapes';

type Env = { Bindings: HttpBindings; Variables: { access: Access } };
export type App = Hono<Env>;
export type RequestContext = Context<Env>;

/** A member as the http side sees it. */
export interface ListedMember extends MemberFacts {
  /** Whether a roster waits until the member has taken the one before it. */
  readonly behind: boolean;
  close(how: Ending): void;
}

/** A close or an HTTP refusal, of the host's table. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

export interface WebhookParts {
  /** Whether a request is to the secret path. */
  readonly isFor: (request: IncomingMessage) => boolean;
  /** Takes what was posted. */
  readonly take: (body: string) => HintOutcome;
}

export interface HttpParts {
  readonly events: Events;
  readonly rooms: RoomsView<ListedMember>;
  /** The member with this id; undefined where there is none. */
  readonly findMember: (id: number) => ListedMember | undefined;
  /** Whom a room's roster lists. */
  readonly streams: (room: Room<ListedMember>) => Iterable<RosterStream>;
  /** The streams of a room that sockets hold, on all nodes. */
  readonly held: (room: Room<ListedMember>) => Iterable<RosterStream>;
  /** What is known of the media; undefined where no media server is asked. */
  readonly media: { readonly view: MediaView; readonly events: EventEmitter<MediaEvents> } | undefined;
  /** Where the media server posts; undefined where it has no secret for that. */
  readonly webhook: WebhookParts | undefined;
  /** Opens everything. */
  readonly adminToken: string | undefined;
  /** Opens reading only. */
  readonly metricsToken: string | undefined;
  /** Where a request comes from. */
  readonly clientAddress: (request: IncomingMessage) => string;
  /** Whether new members are taken. */
  readonly ready: () => boolean;
  readonly health: () => Health;
  /** How the host stands with the other nodes, and what happens between them. */
  readonly backplane: {
    readonly status: () => BackplaneStatus;
    readonly events: EventEmitter<BackplaneEvents>;
  };
  /** Hears of what should not have happened while a request was answered. */
  readonly onError: (error: Error) => void;
  /** How a member is closed that an operator removes. */
  readonly removed: Ending;
  /** How a plain request is answered that wants a WebSocket. */
  readonly upgradeRequired: Ending & { readonly headers: Readonly<Record<string, string>> };
}
