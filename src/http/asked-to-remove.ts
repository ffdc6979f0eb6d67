/** What a request that is refused would have removed, for the log. */
import { queryParameters } from '../conference/protocol';
import type { OperationFacts } from '../events';
import { readMemberId } from './cluster/member-id';
import type { RequestContext } from './parts';

/** Undefined if nothing. */
export function askedToRemove({
  req,
  env,
}: RequestContext): Pick<OperationFacts, 'room' | 'member'> | undefined {
  const [, kind, rest = ''] = /^\/api\/(rooms\/|members\/|room$)([^/]*)$/.exec(req.path) ?? [];
  if (req.method !== 'DELETE' || kind === undefined) return undefined;
  if (kind === 'members/') return { member: readMemberId(rest) === undefined ? 'not an id' : rest };
  const query = kind === 'room' ? (env.incoming.url ?? '') : `?room=${rest}`;
  return { room: queryParameters(query).get('room') ?? '' };
}
