/** What the API answers. */
import type { Access, Health, MediaRemoved, Sample as NodeSample } from '../../shapes';

export interface NodeSummary {
  readonly id: string;
  readonly machine: string;
  readonly self: boolean;
  readonly state: 'live' | 'silent';
  readonly startedAt: number;
  readonly version: string;
  readonly rooms?: number;
  readonly members?: number;
  readonly limits?: readonly Limit[];
  readonly missing?: boolean;
  readonly since?: number;
}
export interface Missing {
  readonly node: string;
  readonly machine: string;
  readonly since: number;
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
  readonly missing: readonly Missing[];
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
}
export interface MemberPage {
  readonly total: number;
  readonly offset: number;
  readonly members: readonly MemberSummary[];
  readonly missing: readonly Missing[];
}
export interface StreamMedia {
  readonly stream: string;
  readonly heldBy: 'socket' | 'media' | 'both';
  readonly listed: boolean;
  readonly liveSince?: number;
}
export interface Visit {
  readonly time: number;
  readonly kind: 'join' | 'leave';
  readonly streamName: string;
  readonly address: string;
  readonly node: string;
}
export interface RoomDetails {
  readonly room: string;
  readonly streams: readonly string[];
  readonly members: { readonly total: number };
  readonly media?: readonly StreamMedia[];
  readonly since: number;
  readonly recent: readonly Visit[];
  readonly missing: readonly Missing[];
}
export interface Removed {
  readonly removed: number;
  readonly members: readonly MemberSummary[];
  readonly missing: readonly Missing[];
  readonly media?: MediaRemoved;
}
export interface Limit {
  readonly name: string;
  readonly used: number;
  readonly most: number;
  readonly unit: 'sockets' | 'bytes';
}
export interface Happening {
  readonly id: string;
  readonly time: number;
  readonly kind: 'join' | 'leave' | 'refusal' | 'removal';
  readonly room?: string;
  readonly streamName?: string;
  readonly address: string;
  readonly node: string;
  readonly member?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly name?: string;
  readonly by?: 'operator' | 'viewer';
  readonly outcome?: 'removed' | 'not_found' | 'forbidden' | 'unreachable';
  readonly removed?: number;
}
export interface Feed {
  readonly happenings: readonly Happening[];
  readonly skipped: number;
}
export interface Sample extends NodeSample {
  readonly refused: Readonly<Record<string, number>>;
}
export interface Totals {
  readonly rooms: number;
  readonly streams: number;
  readonly members: number;
  readonly limits: readonly Limit[];
  readonly nodes: readonly NodeSummary[];
  readonly missing: readonly Missing[];
}
export interface Figures {
  readonly access: Access;
  readonly version: string;
  readonly node: string;
  readonly startedAt: number;
  readonly ready: boolean;
  readonly health: Health;
  readonly samples: readonly Sample[];
  readonly cluster: Totals;
}
