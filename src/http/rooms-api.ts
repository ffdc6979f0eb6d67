/** The rooms API: list rooms, show one, remove members. */
import { Hono } from 'hono';
import { queryParameters } from '../conference/protocol';
import type { OperationFacts } from '../events';
import type { App, HttpParts, ListedMember, RequestContext } from './parts';
import { problem } from './problem';
import { endPublishing, removeAll } from './removal';
import { MAX_PAGE, type RoomQuery, roomPage } from './room-list';
import { type MemberSummary, type Removed, type RoomDetails, SORT_KEYS } from './shapes';

const DEFAULT_PAGE = 50;

/** What an operator names. */
type Asked = Pick<OperationFacts, 'room' | 'stream' | 'member'>;

/** Reads a room's name from the path or the query. */
type NameOf = (context: RequestContext) => string;

export function roomsApi(parts: HttpParts): App {
  const { rooms, findMember, streams, held, removed, events, clientAddress } = parts;
  const media = parts.media?.view;
  const api: App = new Hono();

  api.get('/rooms', (context) => {
    const query = readQuery(queryParameters(context.env.incoming.url ?? ''));
    if (typeof query === 'string') return problem(context, 400, 'bad_parameter', query);
    return context.json(roomPage(rooms.values(), query));
  });

  const show = (nameOf: NameOf) => (context: RequestContext) => {
    const room = rooms.get(nameOf(context));
    if (room === undefined) return noSuchRoom(context);
    return context.json<RoomDetails>({
      room: room.name,
      streams: Array.from(streams(room), ({ name }) => name),
      members: Array.from(room.members, memberSummary),
      ...(media && { media: media.overview(room.name, held(room)) }),
    });
  };
  const remove = (nameOf: NameOf) => async (context: RequestContext) => {
    const tell = operation(context, { room: nameOf(context) });
    const room = rooms.get(nameOf(context));
    if (room === undefined) {
      tell('not_found', 0);
      return noSuchRoom(context);
    }
    const publishers = media?.overview(room.name, held(room)).map(({ stream }) => stream);
    const count = await removeAll(room.members, removed);
    tell('removed', count);
    return context.json<Removed>({
      removed: count,
      ...(media && publishers && { media: await endPublishing(media, room.name, publishers) }),
    });
  };
  for (const [path, nameOf] of ROOM_PATHS) {
    api.get(path, show(nameOf)).delete(path, remove(nameOf));
  }

  api.delete('/stream', async (context) => {
    const { room, stream } = streamIn(context);
    const tell = operation(context, { room, stream });
    const members = [...(rooms.get(room)?.members ?? [])].filter(({ streamName }) => streamName === stream);
    const count = await removeAll(members, removed);
    const ended = media && stream !== '' ? await endPublishing(media, room, [stream]) : undefined;
    if (count === 0 && (ended === undefined || ended.notPublishing > 0)) {
      tell('not_found', 0);
      return problem(
        context,
        404,
        'no_such_stream',
        'no member on this node has it, and nobody publishes it',
      );
    }
    tell('removed', count);
    return context.json<Removed>({ removed: count, ...(ended && { media: ended }) });
  });

  api.delete('/members/:id', async (context) => {
    const id = wholeNumber(context.req.param('id'), Number.NaN);
    if (id === undefined) return problem(context, 400, 'bad_parameter', 'a member id is a whole number');
    const tell = operation(context, { member: id });
    const member = findMember(id);
    if (member === undefined) {
      tell('not_found', 0);
      return problem(context, 404, 'no_such_member', 'no member on this node has this id');
    }
    member.close(removed);
    tell('removed', 1);
    const publishes = member.observer === undefined;
    return context.json<Removed>({
      removed: 1,
      ...(media && publishes && { media: await endPublishing(media, member.room, [member.streamName]) }),
    });
  });

  return api;

  /** @returns a function that emits the outcome. The address is read now: the operator may disconnect meanwhile. */
  function operation(context: RequestContext, asked: Asked) {
    const facts = { address: clientAddress(context.env.incoming), method: context.req.method, ...asked };
    return (outcome: OperationFacts['outcome'], count: number) =>
      events.emit('operated', { ...facts, outcome, removed: count });
  }
}

/**
 * People type the name in the path. But browsers remove the segments `.` and `..`, even if escaped, and some proxies
 * decode `%2F`; the query carries every name.
 */
const ROOM_PATHS: readonly (readonly [string, NameOf])[] = [
  ['/rooms/:room', (context) => context.req.param('room') ?? ''],
  ['/room', (context) => streamIn(context).room],
];

/** What a request asks to remove; undefined if nothing. */
export function askedToRemove(context: RequestContext): Asked | undefined {
  const { path, method } = context.req;
  const [, kind, rest = ''] = /^\/api\/(rooms\/|members\/|room$|stream$)([^/]*)$/.exec(path) ?? [];
  if (method !== 'DELETE') return undefined;
  switch (kind) {
    case 'members/':
      return { member: wholeNumber(rest, Number.NaN) ?? Number.NaN };
    case 'rooms/':
      return { room: queryParameters(`?room=${rest}`).get('room') ?? '' };
    case 'room':
      return { room: streamIn(context).room };
    case 'stream':
      return streamIn(context);
    default:
      return undefined;
  }
}

/** Room and stream that the query names; what it does not name is empty. */
function streamIn({ env }: RequestContext): { readonly room: string; readonly stream: string } {
  const query = queryParameters(env.incoming.url ?? '');
  return { room: query.get('room') ?? '', stream: query.get('streamName') ?? '' };
}

function noSuchRoom(context: RequestContext) {
  return problem(context, 404, 'no_such_room', 'no room of this name has members on this node');
}

/** @returns the query, or what is wrong with it */
function readQuery(parameters: ReadonlyMap<string, string>): RoomQuery | string {
  const sort = SORT_KEYS.find((key) => key === (parameters.get('sort') ?? 'name'));
  if (sort === undefined) return `sort takes one of ${SORT_KEYS.join(', ')}`;
  const order = parameters.get('order') ?? 'asc';
  if (order !== 'asc' && order !== 'desc') return 'order takes asc or desc';
  const offset = wholeNumber(parameters.get('offset'), 0);
  if (offset === undefined) return 'offset takes a whole number';
  const limit = wholeNumber(parameters.get('limit'), DEFAULT_PAGE);
  if (limit === undefined || limit < 1 || limit > MAX_PAGE)
    return `limit takes a whole number from 1 to ${MAX_PAGE}`;
  return { search: parameters.get('search') ?? '', sort, order, offset, limit };
}

function wholeNumber(text: string | undefined, whenMissing: number): number | undefined {
  if (text === undefined) return whenMissing;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function memberSummary({ id, streamName, address, since, behind, observer }: ListedMember): MemberSummary {
  return { id, streamName, address, since, behind, ...(observer && { observer }) };
}
