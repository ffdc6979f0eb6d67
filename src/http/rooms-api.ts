/** The rooms API: list rooms and members, show one, remove members. */
import type { OperationFacts } from '../events';
import type { AskedToRemove } from './asked-to-remove';
import { banQuery, banToo } from './ban-too';
import type { Cluster, Taken } from './cluster/cluster';
import { MEMBER_ID, readMemberId } from './cluster/member-id';
import { LONGEST_SEARCH, MOST_MEMBERS } from './cluster/questions';
import { orderTeller } from './order-teller';
import type { HttpParts, RequestContext } from './parts';
import { problem } from './problem';
import { endPublishing } from './removal';
import { MAX_PAGE } from './room-list';
import { type Route, route } from './route';
import { count, oneOf, otherwise, pattern, type Schema, text, whole } from './schema';
import {
  memberPageSchema,
  ORDERS,
  removedSchema,
  roomPageSchema,
  roomSchema,
  SORT_KEYS,
  totalsSchema,
} from './schemas';
import type { Missing, Removed } from './shapes';

const DEFAULT_PAGE = 50;
const UNREACHABLE = 'A node that may have it does not answer';

const limit = otherwise(whole(1, MAX_PAGE, 'How many to list'), DEFAULT_PAGE);
const search = (what: string) => otherwise(text(`${what}; case is ignored`, LONGEST_SEARCH), '');

/** Which rooms, and in which order. */
const roomQuery = {
  search: search('Part of the name of a room or of a stream in it'),
  sort: otherwise(oneOf(SORT_KEYS, 'What to sort by'), 'name'),
  order: otherwise(oneOf(ORDERS, 'Ascending or descending'), 'asc'),
  offset: otherwise(count('Rooms to skip'), 0),
  limit,
};
const memberQuery = {
  search: search('Part of a stream name or an address'),
  offset: otherwise(whole(0, MOST_MEMBERS - MAX_PAGE, 'Members to skip'), 0),
  limit,
};

/** Where a room's name stands: in the path, or in the query. */
export interface RoomPath {
  readonly path: string;
  readonly parameters: { readonly room?: Schema<string> };
  readonly query: { readonly room?: Schema<string> };
  readonly note: string;
}

interface RoomNamed {
  readonly room?: string;
}

/**
 * People type the name in the path. But browsers remove the segments `.` and `..`, even if escaped, and some proxies
 * decode `%2F`; the query carries every name.
 */
export const ROOM_PATHS: readonly RoomPath[] = [
  { path: '/rooms/{room}', parameters: { room: text() }, query: {}, note: '' },
  {
    path: '/room',
    parameters: {},
    query: { room: text('Any name') },
    note: ', for names that do not survive in a path: `.`, `..`, and those with `/`',
  },
];

export function roomNamed(asked: { readonly parameters: RoomNamed; readonly query: RoomNamed }): string {
  return asked.parameters.room ?? asked.query.room ?? '';
}

export function roomsRoutes(parts: HttpParts, cluster: Cluster): Route[] {
  const { events, clientAddress, policies } = parts;
  const media = parts.media?.view;

  const rooms = route({
    method: 'get',
    path: '/rooms',
    summary: 'List rooms',
    query: roomQuery,
    answer: ['One page', roomPageSchema],
    handle: ({ query }) => cluster.rooms(query),
  });
  const members = route({
    method: 'get',
    path: '/members',
    summary: 'List members of all rooms',
    query: memberQuery,
    answer: ['One page', memberPageSchema],
    handle: ({ query }) => cluster.members(query),
  });
  const totals = route({
    method: 'get',
    path: '/totals',
    summary: 'How many rooms, streams and members there are, on which nodes, and how near the limits are',
    answer: ['The totals', totalsSchema],
    handle: () => cluster.totals(),
  });
  const removeOne = route({
    method: 'delete',
    path: '/members/{id}',
    summary: 'Remove a member, with close code 4403',
    parameters: { id: pattern(MEMBER_ID, 'the id of a member, such as k3f9x2ab-17') },
    query: { ban: banQuery },
    answer: ['Always one', removedSchema],
    problems: { 404: 'No such member', 503: 'Its node does not answer' },
    handle: async ({ context, parameters: { id }, query: { ban } }) => {
      const tell = operation(context, { member: id });
      const tellOrder = orderTeller(parts, context);
      const { node = '', number = 0 } = readMemberId(id) ?? {};
      const taken = await cluster.remove(node, number);
      if (taken === undefined) {
        tell('not_found');
        return noSuchMember(context);
      }
      if ('machine' in taken) {
        tell('unreachable');
        return unreachable(context, [taken]);
      }
      const [{ room, streamName: stream } = { room: '', streamName: '' }] = taken.members;
      tell('removed', taken.removed, { room, stream });
      const banned = await banToo(policies, cluster, [room, stream], ban, tellOrder, taken.missing);
      return { ...(await removedOf(taken, room)), ...banned };
    },
  });
  const removeStream = route({
    method: 'delete',
    path: '/stream',
    summary: 'Remove all members of one stream, with close code 4403, or a publisher that has no socket',
    query: { room: text('Any name'), streamName: text('Any name'), ban: banQuery },
    answer: ['How many', removedSchema],
    problems: { 404: 'No member has this stream, and nobody publishes it', 503: UNREACHABLE },
    handle: async ({ context, query: { room, streamName: stream, ban } }) => {
      const tell = operation(context, { room, stream });
      const tellOrder = orderTeller(parts, context);
      const taken = await cluster.clear(room, stream);
      const answer = await removedOf({ ...taken, streams: stream === '' ? [] : [stream] }, room);
      const { ended = 0, onAir = 0 } = answer.media ?? {};
      if (taken.removed + ended + onAir > 0) {
        tell('removed', taken.removed);
        const banned = await banToo(policies, cluster, [room, stream], ban, tellOrder, taken.missing);
        return { ...answer, ...banned };
      }
      tell(taken.missing.length === 0 ? 'not_found' : 'unreachable');
      return noSuchStream(context, taken.missing);
    },
  });
  return [rooms, members, totals, ...ROOM_PATHS.flatMap(roomRoutes), removeStream, removeOne];

  function roomRoutes({ path, parameters, query, note }: (typeof ROOM_PATHS)[number]): Route[] {
    const problems = { 404: 'No such room', 503: UNREACHABLE };
    const show = route({
      ...{ method: 'get', path, summary: `One room${note}`, parameters, query, problems },
      answer: ['The room', roomSchema],
      handle: async (asked) => {
        const room = await cluster.room(roomNamed(asked));
        return 'room' in room ? room : noSuchRoom(asked.context, room);
      },
    });
    const list = route({
      ...{ method: 'get', path: `${path}/members`, summary: `List its members${note}`, parameters },
      query: { ...query, ...memberQuery },
      answer: ['One page; an empty one where there is no such room', memberPageSchema],
      handle: (asked) => cluster.members(asked.query, roomNamed(asked)),
    });
    const clear = route({
      ...{ method: 'delete', path, summary: `Remove all its members, with close code 4403${note}` },
      ...{ parameters, query, problems },
      answer: ['How many', removedSchema],
      handle: async (asked) => {
        const room = roomNamed(asked);
        const tell = operation(asked.context, { room });
        const taken = await cluster.clear(room);
        if (taken.removed > 0) {
          tell('removed', taken.removed);
          return removedOf(taken, room);
        }
        tell(taken.missing.length === 0 ? 'not_found' : 'unreachable');
        return noSuchRoom(asked.context, taken.missing);
      },
    });
    return [show, list, clear];
  }

  async function removedOf({ removed, members, streams, missing }: Taken, room: string): Promise<Removed> {
    const answer = { removed, members, missing };
    return media === undefined || streams.length === 0
      ? answer
      : { ...answer, media: await endPublishing(media, room, streams) };
  }

  /** @returns a function that emits the outcome. The address is read now: the operator may disconnect meanwhile. */
  function operation({ env, req, get }: RequestContext, asked: AskedToRemove) {
    const by = get('access') === 'everything' ? 'operator' : 'viewer';
    const facts = { address: clientAddress(env.incoming), method: req.method, by, ...asked } as const;
    return (outcome: OperationFacts['outcome'], removed = 0, more: Partial<OperationFacts> = {}) =>
      events.emit('operated', { ...facts, ...more, outcome, removed });
  }
}

function noSuchMember(context: RequestContext): Response {
  return problem(context, 404, 'no_such_member', 'no member has this id: it may have left');
}

function noSuchRoom(context: RequestContext, missing: readonly Missing[]): Response {
  if (missing.length > 0) return unreachable(context, missing);
  return problem(context, 404, 'no_such_room', 'nobody is in a room of this name');
}

function noSuchStream(context: RequestContext, missing: readonly Missing[]): Response {
  if (missing.length > 0) return unreachable(context, missing);
  return problem(context, 404, 'no_such_stream', 'no member has it, and nobody publishes it');
}

function unreachable(context: RequestContext, missing: readonly Missing[]): Response {
  const nodes = missing.map(({ node, machine, since }) => {
    return `${node} (${machine}, last heard ${new Date(since).toISOString()})`;
  });
  return problem(context, 503, 'node_unreachable', `does not answer: ${nodes.join(', ')}`);
}
