/** What an application is told, as OpenAPI describes webhooks. */
import { count, type Fields, list, named, object, oneOf, printed, type Schema, text, time } from './schema';

const room = text('Its name');
const seq = count('Grows within the room, with gaps; below 2^53');
const address = text('The IP address of the client');

/** The type of each event, when it is sent, and what it holds. */
const EVENTS: readonly (readonly [type: string, when: string, data: Schema])[] = [
  ['room.opened', 'Somebody is listed in a room in which nobody was', object({ room, seq })],
  [
    'roster.changed',
    'The list of a room is another one',
    object({
      ...{ room, seq, streams: list(text(), 'The whole list') },
      joined: list(text(), 'Against the event before'),
      left: list(text(), 'Against the event before'),
    }),
  ],
  ['room.empty', 'Nobody is listed any more', object({ room, seq })],
  [
    'member.refused',
    'A client was refused',
    object(
      { refusal: text('Its name in the table of refusals'), code: count(), reason: text(), address },
      { room, streamName: text() },
    ),
  ],
  [
    'member.removed',
    'An operator has removed a member',
    object({ room, streamName: text(), address, since: time('When it joined') }),
  ],
  ['webhook.test', 'An operator has asked for it', object({})],
];

const HEADERS: Fields = {
  'webhook-id': text('The same each time that it is sent'),
  'webhook-timestamp': text('When it is sent, in seconds since the epoch'),
  'webhook-signature': text(
    'As Standard Webhooks has it; two with a space between while the secret is replaced',
  ),
};

/** @param components gets the schemas that are named */
export function webhooks(components: Record<string, object>): object {
  return Object.fromEntries(
    EVENTS.map(([type, when, data]) => [type, { post: operation(type, when, data, components) }]),
  );
}

function operation(type: string, when: string, data: Schema, components: Record<string, object>): object {
  const name = `Event.${type}`;
  const schema = named(name, object({ type: oneOf([type]), timestamp: text('When, as ISO 8601'), data }));
  return {
    summary: when,
    security: [],
    parameters: Object.entries(HEADERS).map(([name, { description, ...schema }]) => ({
      ...{ name, in: 'header', required: true, description, schema },
    })),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: printed(schema, components) } },
    },
    responses: { '2XX': { description: 'You have it. Anything else is a failure, and it is sent again' } },
  };
}
