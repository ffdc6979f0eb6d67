/** What the API answers. */
import type { Access, Health, MediaRemoved, Sample as NodeSample } from '../../shapes';

export interface NodeFact {
  readonly id: string;
  readonly machine: string;
  readonly self: boolean;
  readonly state: 'live' | 'silent';
}
export interface MissingNode {
  readonly node: string;
  readonly machine: string;
  readonly since?: number;
}
export interface RoomSummary {
  readonly room: string;
  readonly members: number;
  readonly streams: number;
  readonly since: number;
  readonly nodes: number;
  readonly matches?: readonly string[];
}
export interface RoomPage {
  readonly total: number;
  readonly offset: number;
  readonly rooms: readonly RoomSummary[];
  readonly missing: readonly MissingNode[];
}
export interface MemberSummary {
  readonly id: string;
  readonly room: string;
  readonly streamName: string;
  readonly address: string;
  readonly since: number;
  readonly slow: boolean;
  readonly node: string;
  readonly machine: string;
  readonly observer?: boolean;
}
export interface MemberPage {
  readonly total: number;
  readonly offset: number;
  readonly members: readonly MemberSummary[];
  readonly missing: readonly MissingNode[];
}
export interface StreamMedia {
  readonly stream: string;
  readonly heldBy: 'socket' | 'media' | 'both';
  readonly listed: boolean;
  readonly liveSince?: number;
}
export type Coming = Pick<FeedEvent, 'time' | 'streamName' | 'address' | 'node'> & {
  readonly kind: 'join' | 'leave';
};
export interface RoomDetails {
  readonly room: string;
  readonly streams: readonly string[];
  readonly members: { readonly total: number };
  readonly media?: readonly StreamMedia[];
  readonly opened?: number;
  readonly recent: readonly Coming[];
  readonly missing: readonly MissingNode[];
}
export interface Removed {
  readonly removed: number;
  readonly members: readonly Pick<MemberSummary, 'streamName' | 'address' | 'node'>[];
  readonly missing?: readonly MissingNode[];
  readonly media?: MediaRemoved;
}
export interface Limit {
  readonly name: string;
  readonly used: number;
  readonly most: number;
  readonly unit: string;
}
export interface FeedEvent {
  readonly id: string | number;
  readonly time: number;
  readonly kind: 'join' | 'leave' | 'refusal' | 'removal';
  readonly room?: string;
  readonly streamName?: string;
  readonly address: string;
  readonly node: string;
  readonly code?: number;
  readonly reason?: string;
  readonly name?: string;
  readonly by?: string;
  readonly removed?: number;
}
export interface Sample extends NodeSample {
  readonly refused: Readonly<Record<string, number>>;
}
export interface Figures {
  readonly access: Access;
  readonly version: string;
  readonly node: string;
  readonly startedAt: number;
  readonly ready: boolean;
  readonly health: Health;
  readonly samples: readonly Sample[];
  readonly limits: readonly Limit[];
  readonly cluster: {
    readonly rooms: number;
    readonly streams: number;
    readonly members: number;
    readonly missing: readonly MissingNode[];
  };
}
