/** The API in OpenAPI 3.1. A test checks it against real responses. */
import { version } from '../version';
import { MAX_PAGE } from './room-list';
import { SORT_KEYS } from './shapes';

const count = { type: 'integer', minimum: 0 };
const text = { type: 'string' };
const time = { type: 'integer', minimum: 0, description: 'Milliseconds since the epoch' };

/** An object with exactly these keys, and perhaps some others. */
function object(properties: Record<string, object>, optional: Record<string, object> = {}) {
  const required = Object.keys(properties);
  return {
    type: 'object',
    required,
    additionalProperties: false,
    properties: { ...properties, ...optional },
  };
}

function listOf(name: string) {
  return { type: 'array', items: reference(name) };
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

function answer(description: string, name: string) {
  return { description, content: { 'application/json': { schema: reference(name) } } };
}

function queryParameter(name: string, description: string, schema: object, required = false) {
  return { name, in: 'query', description, required, schema };
}

const schemas = {
  Problem: object({
    error: {
      description: 'Stays the same in all versions',
      enum: [
        ...['bad_parameter', 'forbidden', 'not_found', 'no_such_member', 'no_such_room'],
        ...['no_such_stream', 'too_many_guesses', 'unauthorised', 'internal'],
      ],
    },
    message: text,
  }),
  RoomPage: object({
    total: { ...count, description: 'Rooms that match the search' },
    offset: count,
    rooms: listOf('RoomSummary'),
  }),
  RoomSummary: object({
    room: text,
    members: { ...count, description: 'Sockets on this node' },
    streams: { ...count, description: 'Streams on this node' },
    since: { ...time, description: 'When the longest-standing member joined' },
  }),
  Room: object(
    {
      room: text,
      streams: { type: 'array', items: text, description: 'The roster, across all nodes' },
      members: { ...listOf('Member'), description: 'On this node' },
    },
    { media: { ...listOf('StreamMedia'), description: 'Only where a media server is asked' } },
  ),
  StreamMedia: object(
    {
      stream: text,
      heldBy: { enum: ['socket', 'media', 'both'] },
      listed: { type: 'boolean', description: 'Whether the roster lists it' },
    },
    { liveSince: { ...time, description: 'When its media was first known to be live' } },
  ),
  Member: object(
    {
      id: count,
      streamName: text,
      address: text,
      since: time,
      behind: { type: 'boolean', description: 'The member has not read the previous roster yet' },
    },
    { observer: { const: true, description: 'It hears the room without being listed in it' } },
  ),
  Removed: object(
    { removed: count },
    { media: { ...reference('MediaRemoved'), description: 'Only where a media server is asked' } },
  ),
  MediaRemoved: object({
    ended: { ...count, description: 'Streams whose publishing was ended' },
    notPublishing: { ...count, description: 'Streams that the media server does not know' },
    onAir: { ...count, description: 'Streams that may be on air still: it could not be asked' },
  }),
  Figures: object({
    access: { enum: ['everything', 'reading'], description: 'What the token opens' },
    version: text,
    node: { ...text, description: 'The name of the machine' },
    startedAt: { ...time, description: 'A different one means a different process' },
    ready: { type: 'boolean' },
    health: reference('Health'),
    samples: {
      ...listOf('Sample'),
      description: 'Since the previous event; in the first, the last 15 minutes',
    },
    refusals: { ...listOf('Refusal'), description: 'Since the previous event; in the first, the latest 100' },
  }),
  Health: object({
    status: { enum: ['ok', 'degraded'] },
    degradations: listOf('Degradation'),
    backplane: object({ state: text, since: time, nodes: listOf('Node') }),
  }),
  Degradation: object({ part: text, since: time, reason: text }),
  Node: object({
    id: text,
    machine: text,
    self: { type: 'boolean' },
    state: { enum: ['live', 'silent'] },
    startedAt: { ...time, description: "By the node's own clock" },
    rooms: count,
    streams: count,
  }),
  Sample: object({
    time,
    rooms: count,
    streams: count,
    members: count,
    observers: { ...count, description: 'Those of them that only observe' },
    behind: count,
    joins: count,
    leaves: count,
    refusals: count,
    rosters: { ...count, description: 'Sent, or what has changed in them, counted per receiver' },
    shared: { ...count, description: 'Changes that shared a roster with an earlier one' },
    loopDelay: { type: 'number', minimum: 0, description: 'The longest delay of the event loop, in ms' },
    rss: { ...count, description: 'Memory of the process, in bytes' },
    heap: { ...count, description: 'Memory of it in use by objects, in bytes' },
  }),
  Refusal: object({ id: count, time, name: text, code: count, reason: text, address: text }),
};

/** Responses that every operation may give. */
const guarded = {
  401: answer('No token, or a wrong one', 'Problem'),
  429: {
    ...answer('Too many wrong tokens from this address', 'Problem'),
    headers: { 'Retry-After': { description: 'Seconds', schema: count } },
  },
};
const guardedRemoval = {
  ...guarded,
  403: answer('The token is METRICS_TOKEN, which is read-only', 'Problem'),
};
const noSuchRoom = answer('No such room on this node', 'Problem');
const roomInPath = { name: 'room', in: 'path', required: true, schema: text };
const roomInQuery = queryParameter('room', 'Any name', text, true);

function roomPath(summary: string, parameter: object) {
  return {
    parameters: [parameter],
    get: {
      summary,
      responses: { 200: answer('The room', 'Room'), ...guarded, 404: noSuchRoom },
    },
    delete: {
      summary: 'Remove all its members, with close code 4403',
      responses: { 200: answer('How many', 'Removed'), ...guardedRemoval, 404: noSuchRoom },
    },
  };
}

export const openApi = {
  openapi: '3.1.0',
  info: {
    title: 'Conference host',
    version,
    description:
      'Rooms and figures of one node. Only available if ADMIN_TOKEN or METRICS_TOKEN is set. The first opens all of ' +
      'it, the second is read-only (GET, HEAD).',
  },
  servers: [{ url: '/' }],
  security: [{ token: [] }],
  paths: {
    '/api/rooms': {
      get: {
        summary: 'List rooms',
        parameters: [
          queryParameter('search', 'Part of the name of a room or of a stream in it; case is ignored', text),
          queryParameter('sort', 'What to sort by', { enum: [...SORT_KEYS], default: 'name' }),
          queryParameter('order', 'Ascending or descending', { enum: ['asc', 'desc'], default: 'asc' }),
          queryParameter('offset', 'Rooms to skip', { ...count, default: 0 }),
          queryParameter('limit', 'Rooms to list', {
            type: 'integer',
            minimum: 1,
            maximum: MAX_PAGE,
            default: 50,
          }),
        ],
        responses: {
          200: answer('One page', 'RoomPage'),
          400: answer('A parameter has no valid value', 'Problem'),
          ...guarded,
        },
      },
    },
    '/api/rooms/{room}': roomPath('One room', roomInPath),
    '/api/room': roomPath(
      'The same, for names that do not survive in a path: `.`, `..`, and those with `/`',
      roomInQuery,
    ),
    '/api/stream': {
      parameters: [roomInQuery, queryParameter('streamName', 'Any name', text, true)],
      delete: {
        summary: 'Remove all members of one stream, with close code 4403, or a publisher that has no socket',
        responses: {
          200: answer('How many', 'Removed'),
          ...guardedRemoval,
          404: answer('No member on this node has this stream, and nobody publishes it', 'Problem'),
        },
      },
    },
    '/api/members/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: count }],
      delete: {
        summary: 'Remove a member, with close code 4403',
        responses: {
          200: answer('Always one', 'Removed'),
          ...guardedRemoval,
          404: answer('No such member on this node', 'Problem'),
        },
      },
    },
    '/api/events': {
      get: {
        summary: 'Figures, each second',
        responses: {
          200: {
            description: 'Server-sent events of the type `figures`, whose data is Figures as JSON',
            content: { 'text/event-stream': { schema: text } },
          },
          ...guarded,
        },
      },
    },
  },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    schemas,
  },
};
