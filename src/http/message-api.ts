/** A message to a room: it reaches those who speak `conference.2`, on all nodes. Nothing is kept. */
import type { Cluster } from './cluster/cluster';
import type { HttpParts } from './parts';
import { problem } from './problem';
import { Rate } from './rate';
import { ROOM_PATHS, type RoomPath, roomNamed } from './rooms-api';
import { type Route, route } from './route';
import { count, list, named, object, type Schema } from './schema';
import { missingSchema } from './schemas';

/** Messages to one room that a node takes in a second. */
const MOST_A_SECOND = 10;

const anything: Schema<unknown> = { description: 'Any JSON; with the rest of the body up to 4 KiB' };

const toldSchema = named(
  'Told',
  object({
    receivers: count('Members that it was sent to, on all nodes'),
    missing: list(missingSchema, 'Nodes that did not say in 1.3 s whether they have sent it'),
  }),
);

export function messageRoutes({ events, clientAddress }: HttpParts, cluster: Cluster): Route[] {
  const rate = new Rate(MOST_A_SECOND);

  return ROOM_PATHS.map(({ path, parameters, query, note }: RoomPath) =>
    route({
      ...{ method: 'post', path: `${path}/message`, parameters, query },
      summary: `Send a message to its members that speak conference.2${note}`,
      body: object({ message: anything }),
      answer: ['How many it was sent to; 0 where there are none', toldSchema],
      problems: { 429: `More than ${MOST_A_SECOND} messages to this room within a second` },
      handle: async (asked) => {
        const { context, body } = asked;
        const address = clientAddress(context.env.incoming);
        const room = roomNamed(asked);
        if (!rate.take(room)) {
          context.header('Retry-After', '1');
          return problem(context, 429, 'too_many_messages', `a room takes ${MOST_A_SECOND} a second`);
        }
        const message = JSON.stringify(body.message);
        const told = await cluster.message(room, message);
        const bytes = Buffer.byteLength(message);
        events.emit('messaged', { address, room, bytes, receivers: told.receivers });
        return told;
      },
    }),
  );
}
