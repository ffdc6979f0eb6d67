/** What a request that is refused would have removed, for the log. */
import { queryParameters } from '../conference/protocol';
import type { OperationFacts } from '../events';
import { readMemberId } from './cluster/member-id';
import type { RequestContext } from './parts';

/** What an operator names. */
export type AskedToRemove = Pick<OperationFacts, 'room' | 'stream' | 'member'>;

/** Undefined if nothing. */
export function askedToRemove({ req, env }: RequestContext): AskedToRemove | undefined {
  const [, kind, rest = ''] = /^\/api\/(rooms\/|members\/|room$|stream$)([^/]*)$/.exec(req.path) ?? [];
  if (req.method !== 'DELETE') return undefined;
  const query = queryParameters(env.incoming.url ?? '');
  const room = query.get('room') ?? '';
  switch (kind) {
    case 'members/':
      return { member: readMemberId(rest) === undefined ? 'not an id' : rest };
    case 'rooms/':
      return { room: queryParameters(`?room=${rest}`).get('room') ?? '' };
    case 'room':
      return { room };
    case 'stream':
      return { room, stream: query.get('streamName') ?? '' };
    default:
      return undefined;
  }
}
