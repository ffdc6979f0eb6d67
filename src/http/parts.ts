/** What the http wing gets from the host, and types that its files share. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { BackplaneEvents, BackplaneStatus } from '../conference/backplane-status';
import type { HintOutcome, MediaEvents, MediaView } from '../conference/media-status';
import type { Policies } from '../conference/policies';
import type { Questions } from '../conference/questions';
import type { Room, RoomsView, RosterStream } from '../conference/rooms';
import type { WebhookView } from '../conference/webhook-status';
import type { Events, MemberFacts } from '../events';
import type { Access, Health, HostFacts, KnownAddress, Limit } from './shapes';

type Env = { Bindings: HttpBindings; Variables: { access: Access } };
export type App = Hono<Env>;
export type RequestContext = Context<Env>;

/** A member as the http wing sees it. */
export interface ListedMember extends MemberFacts {
  /** Whether the member has not read the previous roster yet. */
  readonly behind: boolean;
  close(how: Ending): void;
}

/** A close or an HTTP refusal from the table of refusals. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  /** An operator removes it: it is out of its room at once, and is counted. */
  readonly removed?: boolean;
}

/** An HTTP refusal with its name in the table. */
export interface HttpEnding extends Ending {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
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
  readonly findMember: (id: number) => ListedMember | undefined;
  /** The streams that a room's roster lists. */
  readonly streams: (room: Room<ListedMember>) => Iterable<RosterStream>;
  /** The streams of a room that sockets hold, on all nodes. */
  readonly held: (room: Room<ListedMember>) => Iterable<RosterStream>;
  /** What is known of the media; undefined where no media server is asked. */
  readonly media: { readonly view: MediaView; readonly events: EventEmitter<MediaEvents> } | undefined;
  /** Where the media server posts; undefined where it has no secret for that. */
  readonly webhook: WebhookParts | undefined;
  /** Sends a message, as JSON, to those in a room of this node who speak `conference.2`. @returns how many they are */
  readonly tell: (room: string, message: string) => number;
  /** What an operator orders; undefined where nobody can. */
  readonly policies: Policies | undefined;
  /** What an application is told; undefined where there is none. */
  readonly hooks: WebhookView | undefined;
  /** Full access. */
  readonly adminToken: string | undefined;
  /** Read-only access. */
  readonly metricsToken: string | undefined;
  /** Where older figures are. */
  readonly grafanaUrl: string | undefined;
  /** What members must bring. */
  readonly wants: HostFacts['wants'];
  /** Where clients reach this host. */
  readonly addresses: () => KnownAddress[];
  /** Why a page of this origin, loaded with such a request, may not connect. */
  readonly checkPage: (request: IncomingMessage, origin: string) => Ending | undefined;
  /** A request's client address. */
  readonly clientAddress: (request: IncomingMessage) => string;
  /** Whether the host admits new members. */
  readonly ready: () => boolean;
  readonly health: () => Health;
  /** The state of the link to the other nodes, and its events. */
  readonly backplane: {
    /** Finds out which nodes there are now. Never rejects. */
    readonly look: () => Promise<void>;
    readonly status: () => BackplaneStatus;
    readonly events: EventEmitter<BackplaneEvents>;
  };
  /** Asks the other nodes; undefined where there are none. */
  readonly questions: Questions | undefined;
  /** The limits of this node against their use. */
  readonly limits: () => readonly Limit[];
  /** Receives unexpected errors. */
  readonly onError: (error: Error) => void;
  /** How to close a member that an operator removes. */
  readonly removed: Ending;
  /** The response to a plain request that should be a WebSocket handshake. */
  readonly upgradeRequired: (request: IncomingMessage) => HttpEnding;
}
