/** Types of the API's responses, shared with the dashboard. Times are milliseconds since the epoch. */
import type { KnownAddress } from '../listening/known-addresses';
import type * as figures from './figures-schema';
import type * as orders from './orders-schema';
import type { Of } from './schema';
import type * as schemas from './schemas';

export type { KnownAddress };

/** An error: a stable code, and a message that may change. */
export type Problem = Of<typeof schemas.problemSchema>;
export type ProblemCode = Problem['error'];

export type SortKey = (typeof schemas.SORT_KEYS)[number];
export type Order = (typeof schemas.ORDERS)[number];

export type RoomSummary = Of<typeof schemas.roomSummarySchema>;
export type RoomPage = Of<typeof schemas.roomPageSchema>;
/** One room: its roster, and how many are in it. */
export type RoomDetails = Of<typeof schemas.roomSchema>;
/** Somebody came or went. */
export type Visit = Of<typeof schemas.visitSchema>;
export type MemberSummary = Of<typeof schemas.memberSchema>;
export type MemberPage = Of<typeof schemas.memberPageSchema>;
export type Removed = Of<typeof schemas.removedSchema>;
/** What became of the publishing of those who were removed: streams. */
export type MediaRemoved = NonNullable<Removed['media']>;
/** A node that did not answer in time. */
export type Missing = Of<typeof schemas.missingSchema>;
/** A limit against its use. */
export type Limit = Of<typeof schemas.limitSchema>;
export type NodeSummary = Of<typeof schemas.nodeSchema>;
export type Totals = Of<typeof schemas.totalsSchema>;
/** A join, a leave, a refusal or a removal. */
export type Happening = Of<typeof schemas.happeningSchema>;
/** The data of a server-sent event `feed`. */
export type Feed = Of<typeof schemas.feedSchema>;
/** The rules of a room that count now. */
export type RoomPolicy = Of<typeof orders.policySchema>;
/** Rules to set, and for how long. */
export type RoomRules = Of<typeof orders.rulesSchema>;
export type Ban = Of<typeof orders.banSchema>;
/** Whom to ban, and for how long. */
export type BanTerms = Of<typeof orders.banTermsSchema>;
export type Banned = Of<typeof orders.bannedSchema>;
export type BanPage = Of<typeof orders.banPageSchema>;
export type Lifted = Of<typeof orders.liftedSchema>;
/** One second of the host. */
export type Sample = Of<typeof figures.sampleSchema>;
export type RefusalRecord = Of<typeof figures.refusalSchema>;
export type Health = Of<typeof figures.healthSchema>;
/** A part that has a problem, while everything else works. */
export type Degradation = Health['degradations'][number];
/** The data of a server-sent event `figures`. */
export type Figures = Of<typeof figures.figuresSchema>;
export type WebhookStatus = NonNullable<Figures['webhooks']>;
export type WebhookTest = Of<typeof figures.webhookTestSchema>;
/** What a token opens. */
export type Access = Figures['access'];

/** What the start page asks of its host. */
export interface HostFacts {
  readonly status: Health['status'];
  /** Whether it admits new members. */
  readonly ready: boolean;
  /** What members must bring: with `login`, what the media server's own backend asks for. */
  readonly wants: 'nothing' | 'token' | 'login';
  /** Why the page's own WebSocket may not connect, and what to do. */
  readonly refusesPage?: string;
  /** Whether ALLOWED_ORIGINS names the pages that may connect: then this page may, but at its own address only. */
  readonly restrictsPages: boolean;
  /** The name of the last HTTP refusal to this client, if it was a moment ago: to a page, that was a 1006. */
  readonly refused?: string;
  /** Where clients reach the host; empty if that is nobody's business. */
  readonly addresses: readonly KnownAddress[];
}
