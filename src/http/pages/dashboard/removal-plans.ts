/** What an operator may remove: whom that takes, and how it is done. */
import type { MemberPage, MemberSummary, Removed } from '../../shapes';
import { type Api, ApiProblem } from './api';
import type { BanWish, NamedStream } from './ban-too';

/** As many names are spelled out; the number is always exact. */
const SHOWN = 500;

export type Whom = Pick<MemberPage, 'total' | 'members' | 'missing'>;

export interface Plan {
  readonly title: string;
  /** Whose name can be banned; undefined where there is none. */
  readonly stream?: NamedStream | undefined;
  /** There may be something to end though nobody is there. */
  readonly endsPublishing?: boolean;
  readonly whom: () => Promise<Whom>;
  readonly remove: () => Promise<Removed>;
}

export function memberPlan(api: Api, member: MemberSummary): Plan {
  const { id, room, streamName } = member;
  return {
    title: `Remove ${streamName}?`,
    stream: streamName === '' ? undefined : { room, streamName },
    whom: async () => ({ total: 1, members: [member], missing: [] }),
    remove: () => api.removeMember(id),
  };
}

/** @param isPublished as far as the media server is known to say */
export function streamPlan(api: Api, stream: NamedStream, isPublished: boolean): Plan {
  return {
    title: `Remove the stream ${stream.streamName}?`,
    stream,
    endsPublishing: isPublished,
    whom: () => everybodyNamed(api, stream),
    remove: () => api.removeStream(stream),
  };
}

export function roomPlan(api: Api, room: string): Plan {
  return {
    title: `Remove everybody from ${room}?`,
    whom: () => api.members(room, { limit: SHOWN, offset: 0 }),
    remove: () => api.removeRoom(room),
  };
}

/** The same with a ban, which is of the name: it takes everybody who has it. */
export function withBan(api: Api, plan: Plan, wish: BanWish): Plan {
  return {
    ...plan,
    whom: () => everybodyNamed(api, wish),
    remove: () => removeAndBan(api, wish),
  };
}

/** The host searches for a part of a name, so the rest is left out here. */
async function everybodyNamed(api: Api, { room, streamName }: NamedStream): Promise<Whom> {
  const all: MemberSummary[] = [];
  for (let offset = 0; ; offset += SHOWN) {
    const page = await api.members(room, { search: streamName, limit: SHOWN, offset });
    all.push(...page.members.filter((member) => member.streamName === streamName));
    if (offset + page.members.length < page.total && page.members.length > 0) continue;
    return { total: all.length, members: all.slice(0, SHOWN), missing: page.missing };
  }
}

/** Who has left meanwhile is banned all the same. */
async function removeAndBan(api: Api, wish: BanWish): Promise<Removed> {
  try {
    return await api.removeStream(wish, wish.seconds);
  } catch (error) {
    if (!(error instanceof ApiProblem && error.status === 404)) throw error;
    const { streamName: name, room, seconds } = wish;
    const { ban, removed, missing } = await api.ban({ name, room, seconds });
    return { removed, members: [], missing, ban: ban.id };
  }
}
