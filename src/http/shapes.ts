/** Types of the API's responses, shared with the dashboard. Times are milliseconds since the epoch. */
import type * as figures from './figures-schema';
import type { Of } from './schema';
import type * as schemas from './schemas';

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
