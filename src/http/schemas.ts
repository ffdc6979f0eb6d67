/** What the API answers. The types in `shapes.ts` follow from it, and so does the description in OpenAPI. */
import { about, count, flag, list, named, object, oneOf, text, time } from './schema';

export const SORT_KEYS = ['name', 'members', 'streams', 'since'] as const;
export const ORDERS = ['asc', 'desc'] as const;
/** Streams that a search names of a room it has found by them. */
export const MOST_MATCHES = 5;
/** Members that the answer to a removal names. */
export const MOST_NAMED = 100;

export const problemSchema = named(
  'Problem',
  object({
    error: oneOf(
      [
        ...([
          'bad_body',
          'bad_parameter',
          'body_too_long',
          'forbidden',
          'not_found',
          'no_such_ban',
          'no_such_member',
          'no_such_policy',
          'no_such_room',
          'no_such_stream',
        ] as const),
        ...([
          'node_unreachable',
          'too_many_guesses',
          'too_many_messages',
          'too_many_orders',
          'unauthorised',
          'internal',
        ] as const),
      ],
      'Stays the same in all versions',
    ),
    message: text('May change'),
  }),
);

const nodeName = text('The node, as it stands in the ids of its members');
const machine = text("The machine's name");

export const missingSchema = named(
  'Missing',
  object({ node: nodeName, machine, since: time('When it was last heard') }),
);

const missing = list(missingSchema, 'Nodes that did not answer in time: what they have is left out');

export const roomSummarySchema = named(
  'RoomSummary',
  object(
    {
      room: text(),
      members: count('Sockets on all nodes'),
      streams: count('Streams that its roster lists'),
      since: time('When the longest-standing member joined'),
      nodes: count('Nodes on which it has members'),
    },
    { matches: list(text(), `Streams by which a search has found it, at most ${MOST_MATCHES}`) },
  ),
);

export const roomPageSchema = named(
  'RoomPage',
  object({
    total: count('Rooms that match the search'),
    offset: count(),
    rooms: list(roomSummarySchema),
    missing,
  }),
);

export const streamMediaSchema = named(
  'StreamMedia',
  object(
    {
      stream: text(),
      heldBy: oneOf(['socket', 'media', 'both']),
      listed: flag('Whether the roster lists it'),
    },
    { liveSince: time('When its media was first known to be live') },
  ),
);

export const visitSchema = named(
  'Visit',
  object({
    time: time(),
    kind: oneOf(['join', 'leave']),
    streamName: text(),
    address: text(),
    node: nodeName,
  }),
);

export const roomSchema = named(
  'Room',
  object(
    {
      room: text(),
      streams: list(text(), 'The roster, across all nodes'),
      members: object({ total: count('Sockets on all nodes') }),
      since: time('When the longest-standing member joined'),
      recent: list(visitSchema, 'Who came and went in the last hour, the newest first, at most 200'),
      missing,
    },
    { media: list(streamMediaSchema, 'Only where a media server is asked') },
  ),
);

export const memberSchema = named(
  'Member',
  object(
    {
      id: text('Names its node, too'),
      room: text(),
      streamName: text('Empty for an observer that gave none'),
      address: text(),
      since: time('When it joined'),
      slow: flag('The member has not read the previous roster yet'),
      node: nodeName,
      machine,
    },
    { observer: flag('It hears the room without being listed in it; only where it is so') },
  ),
);

export const memberPageSchema = named(
  'MemberPage',
  object({
    total: count('Members that match the search'),
    offset: count(),
    members: list(memberSchema, 'The longest-standing first'),
    missing,
  }),
);

const mediaRemovedSchema = named(
  'MediaRemoved',
  object({
    ended: count('Streams whose publishing was ended'),
    notPublishing: count('Streams that the media server does not know'),
    onAir: count('Streams that may be on air still: it could not be asked'),
  }),
);

export const removedSchema = named(
  'Removed',
  object(
    {
      removed: count(),
      members: list(memberSchema, `Who they were, at most ${MOST_NAMED}`),
      missing,
    },
    {
      media: about(mediaRemovedSchema, 'Only where a media server is asked'),
      ban: text('The id of the ban, where one was asked for'),
    },
  ),
);

export const limitSchema = named(
  'Limit',
  object({
    name: text('Its setting'),
    used: count(),
    most: count(),
    unit: oneOf(['sockets', 'bytes']),
  }),
);

export const nodeSchema = named(
  'Node',
  object(
    {
      id: nodeName,
      machine,
      self: flag('Whether it is the node that is asked'),
      state: oneOf(['live', 'silent']),
      startedAt: time("By the node's own clock"),
      version: text(),
    },
    {
      rooms: count('In which it has members'),
      members: count(),
      limits: list(limitSchema),
      missing: flag('It did not answer in 300 ms: its part is left out'),
      since: time('When it was last heard, where it is missing'),
    },
  ),
);

export const totalsSchema = named(
  'Totals',
  object({
    rooms: count(),
    streams: count(),
    members: count(),
    limits: list(limitSchema, 'Of this node'),
    nodes: list(nodeSchema),
    missing,
  }),
);

export const happeningSchema = named(
  'Happening',
  object(
    {
      id: text('Names its node, too'),
      time: time(),
      kind: oneOf(['join', 'leave', 'refusal', 'removal', 'order']),
      address: text("The client's; of a removal or an order, the operator's"),
      node: nodeName,
    },
    {
      room: text(),
      streamName: text(),
      member: text('The id of a member'),
      code: count('Close code or HTTP status'),
      reason: text('Of an order, what was ordered'),
      name: text('Of a refusal, in the table of refusals'),
      by: oneOf(['operator', 'viewer'], 'Whose token asked for the removal'),
      outcome: oneOf(['removed', 'not_found', 'forbidden', 'unreachable']),
      removed: count('Members that a removal or a ban removed'),
    },
  ),
);

export const feedSchema = named(
  'Feed',
  object({
    happenings: list(
      happeningSchema,
      'Oldest first; in the first event, the latest 100 joins and leaves, and as many others',
    ),
    skipped: count('Happenings that are left out, since there were too many'),
  }),
);
