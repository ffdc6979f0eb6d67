/** What an operator orders over the API: rules for a room, and bans. */
import {
  type Ban,
  type BanTerms,
  type HeldBy,
  LONGEST_ORDER,
  type Policies,
  RULES,
  type Rule,
} from '../conference/policies';
import { isName, MAX_NAME_BYTES, MAX_REASON_BYTES, NOT_IN_A_REASON } from '../conference/protocol';
import { readNetwork } from '../listening/network-names';
import { BadBody } from './body';
import type { Cluster } from './cluster/cluster';
import { bannedInWords, forSeconds, orderTeller } from './order-teller';
import {
  banIdSchema,
  bannedSchema,
  banPageSchema,
  banQuery,
  banTermsSchema,
  liftedSchema,
  policySchema,
  rulesSchema,
  whichRule,
} from './orders-schema';
import type { HttpParts, RequestContext } from './parts';
import { problem } from './problem';
import { ROOM_PATHS, type RoomPath, roomNamed } from './rooms-api';
import { type Route, route } from './route';
import type { Of } from './schema';

/** Seconds that an order counts where it does not say. */
const A_DAY = 86_400;
const FULL = { 409: 'There are too many: 1,000 rooms with rules, 5,000 bans' };

type AskedRules = Of<typeof rulesSchema>;
type AskedBan = Of<typeof banTermsSchema>;

export function ordersRoutes(parts: HttpParts, policies: Policies, cluster: Cluster): Route[] {
  const teller = (context: RequestContext) => orderTeller(parts, context);

  const list = route({
    ...{ method: 'get', path: '/bans', summary: 'List bans', query: banQuery },
    answer: ['One page', banPageSchema],
    handle: ({ query: { offset, limit } }) => {
      const all = policies.bans();
      return { total: all.length, offset, bans: all.slice(offset, offset + limit).map(shown) };
    },
  });
  const add = route({
    method: 'post',
    path: '/bans',
    summary: 'Ban a name, an address, a network or the subject of a token, and close with 4403 who is there',
    body: banTermsSchema,
    answer: ['The ban', bannedSchema],
    problems: FULL,
    handle: async ({ context, body }) => {
      const tell = teller(context);
      const terms = termsOf(body);
      const until = endOf(body);
      const banned = policies.ban(terms, until);
      if (banned === undefined) return tooMany(context);
      const { removed, missing } = await cluster.banned(banned.order);
      const heldBy = await banned.heldBy;
      tell({ room: terms.room, order: bannedInWords(banned.ban), removed, heldBy });
      return { ban: shown(banned.ban), removed, missing, heldBy };
    },
  });
  const lift = route({
    method: 'delete',
    path: '/bans/{id}',
    summary: 'Lift a ban',
    parameters: { id: banIdSchema },
    answer: ['The ban that was', liftedSchema],
    problems: { 404: 'No such ban' },
    handle: async ({ context, parameters: { id } }) => {
      const tell = teller(context);
      const lifted = policies.unban(id);
      if (lifted === undefined) return problem(context, 404, 'no_such_ban', 'there is no ban with this id');
      const { ban } = lifted;
      const heldBy = await lifted.heldBy;
      tell({ room: ban.room, order: `lifted the ban of the ${ban.by} ${ban.value}`, removed: 0, heldBy });
      return { ban: shown(ban), heldBy };
    },
  });
  return [...ROOM_PATHS.flatMap(policyRoutes), list, add, lift];

  function policyRoutes({ path: roomPath, parameters, query, note }: RoomPath): Route[] {
    const path = `${roomPath}/policy`;
    const set = (method: 'put' | 'patch', summary: string, isWhole: boolean) =>
      route({
        ...{
          method,
          path,
          summary: `${summary}${note}`,
          parameters,
          query,
          body: rulesSchema,
          problems: FULL,
        },
        answer: ['What counts now', policySchema],
        handle: async (asked) => {
          const tell = teller(asked.context);
          const room = goodRoom(roomNamed(asked));
          const { rules, opened } = rulesOf(asked.body);
          const until = endOf(asked.body);
          const ordered = policies.set(room, rules, until, isWhole);
          if (ordered === undefined) return tooMany(asked.context);
          const alsoOpened = policies.open(room, opened);
          const kept = await Promise.all([ordered.heldBy, alsoOpened?.heldBy]);
          const heldBy: HeldBy = kept.includes('node') ? 'node' : 'redis';
          tell({ room, order: `${inWords(asked.body)} ${forSeconds(until)}`, removed: 0, heldBy });
          return { room, ...policies.of(room), heldBy };
        },
      });
    const show = route({
      ...{ method: 'get', path, summary: `Its rules${note}`, parameters, query },
      answer: ['What counts now; nothing but the name where there are none', policySchema],
      handle: (asked) => {
        const room = roomNamed(asked);
        const rules = policies.of(room);
        return Object.keys(rules).length === 0 ? { room } : { room, ...rules, heldBy: policies.heldBy(room) };
      },
    });
    const open = route({
      ...{ method: 'delete', path, summary: `Open the room again${note}`, parameters },
      query: { ...query, rule: whichRule },
      problems: { 404: 'The room has no such rule' },
      answer: ['What counts now', policySchema],
      handle: async (asked) => {
        const tell = teller(asked.context);
        const room = roomNamed(asked);
        const { rule } = asked.query;
        const opened = policies.open(room, rule === 'all' ? RULES : [rule]);
        if (opened === undefined) {
          return problem(asked.context, 404, 'no_such_policy', 'the room has no such rule');
        }
        const heldBy = await opened.heldBy;
        tell({ room, order: rule === 'all' ? 'opened the room' : `opened ${rule}`, removed: 0, heldBy });
        return { room, ...policies.of(room), heldBy };
      },
    });
    return [
      show,
      set('put', 'Set its rules, and open those that are not given', true),
      set('patch', 'Set some of its rules', false),
      open,
    ];
  }
}

function goodRoom(room: string): string {
  if (isName(room)) return room;
  throw new BadBody(
    `the room's name is empty, longer than ${MAX_NAME_BYTES} bytes or has control characters`,
  );
}

function rulesOf({ maxSize, locked, names }: AskedRules) {
  if (maxSize === undefined && locked === undefined && names === undefined) {
    throw new BadBody('the body has no rule: maxSize, locked or names');
  }
  const bad = names?.find((name) => !isName(name));
  if (bad !== undefined) throw new BadBody(`names has what is no stream name: ${JSON.stringify(bad)}`);
  const rules = { maxSize, locked: locked || undefined, names };
  const opened: Rule[] = locked === false ? ['locked'] : [];
  return { rules, opened };
}

/** Milliseconds since the epoch. */
function endOf({ seconds, until }: Pick<AskedRules, 'seconds' | 'until'>): number {
  const now = Date.now();
  if (until === undefined) return now + (seconds ?? A_DAY) * 1_000;
  if (seconds !== undefined) throw new BadBody('seconds and until exclude each other: give one of them');
  if (until > now && until <= now + LONGEST_ORDER * 1_000) return until;
  throw new BadBody(`until is over, or more than ${LONGEST_ORDER} s from now`);
}

function termsOf({ name, address, subject, room, reason }: AskedBan): BanTerms {
  const given = [name, address, subject].filter((value) => value !== undefined);
  if (given.length !== 1) throw new BadBody('a ban has one of name, address and subject');
  if (room !== undefined) goodRoom(room);
  if (
    reason !== undefined &&
    (Buffer.byteLength(reason) > MAX_REASON_BYTES || NOT_IN_A_REASON.test(reason))
  ) {
    throw new BadBody(`reason has more than ${MAX_REASON_BYTES} bytes, or control characters`);
  }
  if (name !== undefined) {
    if (!isName(name)) throw new BadBody('name is no stream name');
    return { by: 'name', value: name, room, reason };
  }
  if (subject !== undefined) {
    if (subject === '') throw new BadBody('subject is empty');
    return { by: 'subject', value: subject, room, reason };
  }
  const network = readNetwork(address ?? '');
  if (network === undefined) {
    throw new BadBody('address is no address, or no network of at least 8 bits (IPv4) or 16 bits (IPv6)');
  }
  return { by: 'address', value: network, room, reason };
}

function inWords({ maxSize, locked, names }: AskedRules): string {
  return [
    ...(maxSize === undefined ? [] : [`maxSize ${maxSize}`]),
    ...(locked === undefined ? [] : [locked ? 'locked' : 'not locked']),
    ...(names === undefined ? [] : [`${names.length} names`]),
  ].join(', ');
}

function shown({ id, by, value, room, reason, until }: Ban): Of<typeof bannedSchema>['ban'] {
  return { id, [by]: value, room, reason, until };
}

function tooMany(context: RequestContext): Response {
  return problem(context, 409, 'too_many_orders', 'there are too many rooms with rules, or too many bans');
}
