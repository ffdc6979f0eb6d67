/** What the API takes and gives of rules for rooms and bans. */
import { LONGEST_ORDER } from '../conference/policies';
import { MAX_REASON_BYTES } from '../conference/protocol';
import {
  about,
  count,
  flag,
  list,
  named,
  object,
  oneOf,
  otherwise,
  pattern,
  text,
  time,
  whole,
} from './schema';
import { missingSchema } from './schemas';

/** Bytes of a name are as many as its characters, or more. */
const LONGEST_NAME = 256;
/** What the id of a ban looks like. */
export const BAN_ID = '^[0-9a-f]{16}$';
const MOST_SIZE = 1_000_000;

/** How long it counts: one of the two, or a day. */
const howLong = {
  seconds: whole(
    1,
    LONGEST_ORDER,
    `a whole number of seconds from 1 to ${LONGEST_ORDER}: how long it counts`,
  ),
  until: time('until when it counts, in place of seconds'),
};

const heldBy = oneOf(
  ['redis', 'node'],
  'redis: it outlives this node; node: it counts as long as this node runs, or another one has heard of it',
);

export const rulesSchema = named(
  'RoomRules',
  object(
    {},
    {
      maxSize: whole(1, MOST_SIZE, `a whole number from 1 to ${MOST_SIZE}: sockets that the room takes`),
      locked: flag('true or false: whether nobody new may join'),
      names: list(text(undefined, LONGEST_NAME), 'a list of stream names: nobody else may join'),
      ...howLong,
    },
  ),
);

const until = time('Until when it counts');

export const policySchema = named(
  'RoomPolicy',
  object(
    { room: text() },
    {
      heldBy: about(heldBy, 'Where there are rules, or an order was given: redis, or node as of a ban'),
      maxSize: object({ value: count(), until }),
      locked: object({ value: flag(), until }),
      names: object({ value: list(text()), until }),
    },
  ),
);

export const banTermsSchema = named(
  'BanTerms',
  object(
    {},
    {
      name: text('a stream name', LONGEST_NAME),
      address: text('an address or a network, such as 192.0.2.0/24', 64),
      subject: text(`the sub of a token, in up to ${LONGEST_NAME} characters`, LONGEST_NAME),
      room: text('the name of a room; without it, the ban is for all of them', LONGEST_NAME),
      reason: text(`what they are told, in up to ${MAX_REASON_BYTES} bytes`, MAX_REASON_BYTES),
      ...howLong,
    },
  ),
);

export const banSchema = named(
  'Ban',
  object(
    { id: text(), until },
    { name: text(), address: text('As a network'), subject: text(), room: text(), reason: text() },
  ),
);

export const bannedSchema = named(
  'Banned',
  object({
    ban: banSchema,
    removed: count('Members that it has closed, on all nodes'),
    missing: list(missingSchema, 'Nodes that did not say in 1.3 s how many they have closed'),
    heldBy,
  }),
);

export const banPageSchema = named(
  'BanPage',
  object({ total: count(), offset: count(), bans: list(banSchema, 'The oldest order first') }),
);

export const liftedSchema = named('Lifted', object({ ban: banSchema, heldBy }));

export const banQuery = {
  offset: otherwise(count('Bans to skip'), 0),
  limit: otherwise(whole(1, 500, 'How many to list'), 50),
};

export const whichRule = otherwise(
  oneOf(['all', 'maxSize', 'locked', 'names'], 'Which rule to open'),
  'all' as const,
);

export const banIdSchema = pattern(BAN_ID, 'the id of a ban, of 16 hexadecimal digits');
