/** What the API says of the cluster: asked of all nodes, and made one. */
import { latestVisits } from '../happenings';
import { type RoomOrder, roomPage } from '../room-list';
import { MOST_NAMED } from '../schemas';
import type { Limit, MemberPage, Missing, NodeSummary, RoomDetails, RoomPage, Totals } from '../shapes';
import type { Asked, Asking } from './asking';
import { nodeName } from './member-id';
import { leftOut, memberSummary, mergeMembers, mergeRooms } from './merge';
import type { AnswerOf } from './questions';

/** Who was removed, on which nodes. */
export interface Taken {
  readonly removed: number;
  readonly members: MemberPage['members'];
  /** Names under which they may publish. */
  readonly streams: readonly string[];
  readonly missing: readonly Missing[];
}

/** How many members a message was sent to. */
export interface Told {
  readonly receivers: number;
  readonly missing: readonly Missing[];
}

/** Rooms and streams of the nodes that have answered. */
export type Census = Pick<Totals, 'rooms' | 'streams' | 'missing'>;

export interface Page {
  readonly search: string;
  readonly offset: number;
  readonly limit: number;
}

export class Cluster {
  readonly #asking: Asking;
  /** This node, where it is alone. */
  readonly #alone: NodeSummary;

  constructor(asking: Asking, startedAt: number, version: string) {
    const { name: id, machine } = asking.self;
    this.#asking = asking;
    this.#alone = { id, machine, self: true, state: 'live', startedAt, version };
  }

  async rooms({ search, ...order }: RoomOrder & { readonly search: string }): Promise<RoomPage> {
    const asked = await this.#asking.all('rooms', { search });
    const rooms = mergeRooms(asked);
    const { offset } = order;
    const total = rooms.size + leftOut(asked);
    return { total, offset, rooms: roomPage(rooms.values(), order), missing: asked.missing };
  }

  /** @returns the nodes that may have it where nobody has said to */
  async room(room: string): Promise<RoomDetails | readonly Missing[]> {
    const { answers, missing } = await this.#asking.all('room', { room });
    const there = answers.map(({ answer }) => answer).filter(({ members }) => members > 0);
    const [first] = there;
    if (first === undefined) return missing;
    return {
      room,
      streams: first.streams,
      members: { total: there.reduce((sum, { members }) => sum + members, 0) },
      since: Math.min(...there.map(({ since }) => since)),
      recent: latestVisits(answers.map(({ answer }) => answer.recent)),
      missing,
      ...(first.media && { media: first.media }),
    };
  }

  async members({ search, offset, limit }: Page, room?: string): Promise<MemberPage> {
    const most = offset + limit;
    const asked = await this.#asking.all('members', { search, most, room });
    return { ...mergeMembers(asked, offset, limit), offset, missing: asked.missing };
  }

  /** Removes everybody from a room. @param stream only its members */
  async clear(room: string, stream?: string): Promise<Taken> {
    const { answers, missing } = await this.#asking.all('remove', { room, stream });
    const members = answers.flatMap(({ node, answer }) =>
      answer.members.map((row) => memberSummary(row, node)),
    );
    const streams = new Set(answers.flatMap(({ answer }) => answer.streams));
    const removed = answers.reduce((sum, { answer }) => sum + answer.removed, 0);
    return { removed, members: members.slice(0, MOST_NAMED), streams: [...streams], missing };
  }

  /** @returns undefined where there is no such member, and its node where that does not answer */
  async remove(node: string, number: number): Promise<Taken | Missing | undefined> {
    const asked = await this.#asking.one(node, 'remove', { number });
    if (asked === 'unknown') return undefined;
    if (!('answer' in asked)) return asked;
    const { removed, members, streams } = asked.answer;
    if (removed === 0) return undefined;
    return { removed, members: members.map((row) => memberSummary(row, asked.node)), streams, missing: [] };
  }

  /** @param order a ban that counts on this node already @returns how many members it has closed */
  async banned([key, entry]: readonly [string, string]): Promise<Pick<Taken, 'removed' | 'missing'>> {
    const { answers, missing } = await this.#asking.all('banned', { key, entry });
    return { removed: answers.reduce((sum, { answer }) => sum + answer.removed, 0), missing };
  }

  /** @param message as JSON @returns how many members it was sent to */
  async message(room: string, message: string): Promise<Told> {
    const { answers, missing } = await this.#asking.all('message', { room, message });
    return { receivers: answers.reduce((sum, { answer }) => sum + answer.receivers, 0), missing };
  }

  async totals(): Promise<Totals> {
    const [census, figures] = await Promise.all([this.census(), this.figures()]);
    return this.sum(census, figures);
  }

  /** Counts each room and each stream once, though several nodes have them. */
  async census(): Promise<Census> {
    const asked = await this.#asking.all('rooms', { search: '' });
    const rooms = mergeRooms(asked);
    let streams = 0;
    for (const room of rooms.values()) streams += room.streams;
    return { rooms: rooms.size + leftOut(asked), streams, missing: asked.missing };
  }

  figures(): Promise<Asked<'figures'>> {
    return this.#asking.all('figures', {});
  }

  /** A node that was late for one of the two questions is missing. */
  sum(census: Census, { answers, missing: late }: Asked<'figures'>): Totals {
    const byName = new Map(answers.map(({ node, answer }) => [node.name, answer]));
    const known = new Set(late.map(({ node }) => node));
    const missing = [...late, ...census.missing.filter(({ node }) => !known.has(node))];
    const limits: readonly Limit[] = byName.get(this.#asking.self.name)?.limits ?? [];
    const { rooms, streams } = census;
    const members = answers.reduce((sum, { answer }) => sum + answer.members, 0);
    return { rooms, streams, members, limits, nodes: this.#nodes(byName, missing), missing };
  }

  #nodes(byName: ReadonlyMap<string, AnswerOf<'figures'>>, missing: readonly Missing[]): NodeSummary[] {
    const { name } = this.#asking.self;
    const all = this.#asking.known().map(({ id, machine, self, state, startedAt, version }) => ({
      ...{ id: nodeName(id), machine, self, state, startedAt, version },
    }));
    const nodes: NodeSummary[] = all.length === 0 ? [this.#alone] : all;
    return nodes.map((node) => {
      const lost = missing.find(({ node: lost }) => lost === node.id);
      const told = { ...node, ...byName.get(node.self ? name : node.id) };
      return lost === undefined ? told : { ...told, missing: true, since: lost.since };
    });
  }
}
