/**
 * What a token's claims let its owner do: ours, and Red5's as its media server and its conferences read them. All
 * that are there must agree, and a claim that is written otherwise than documented lets nobody in: a token must not
 * open here what it does not open there. docs/security.md has a table of examples, and each is a test.
 */
import type { JoinRequest } from '../../conference/protocol';
import { type Close, refusals, withReason } from '../refusals';
import type { Payload } from './jose';

/** May put a stream into a room, may only watch, or neither. */
type Right = 'publish' | 'watch' | 'nothing';

/** Where Red5's conference tokens say nothing, they may publish. */
const ROLES: ReadonlyMap<unknown, Right> = new Map<unknown, Right>([
  [undefined, 'publish'],
  ['admin', 'publish'],
  ['publisher', 'publish'],
  ['subscriber', 'watch'],
]);

const forbidden = (reason: string) => withReason(refusals.forbidden, reason);

/**
 * @param required what a token must name: `room`, `streamName`
 * @returns why the token does not let its owner join so, or undefined where it does
 */
export function claimsRefusal(
  claims: Payload,
  joining: JoinRequest,
  required: readonly string[],
): Close | undefined {
  const missing = required.find((name) => !isNamed(claims, name));
  if (missing !== undefined) return forbidden(`the token names no ${missing}`);
  const malformed = ['red5-room', 'roles'].find((name) => !isList(claims[name]));
  if (malformed !== undefined) return forbidden(`the token's ${malformed} is no comma list`);
  if (!isForRoom(claims, joining.room)) return forbidden('the token is for another room');
  const isNameless = joining.observe && joining.streamName === '';
  if (!isNameless && claims.streamName !== undefined && claims.streamName !== joining.streamName) {
    return forbidden('the token is for another streamName');
  }
  const rights = [rightOfRoles(claims.roles), ROLES.get(claims.role) ?? 'nothing'] as const;
  return rightRefusal(rights, joining.observe ?? false);
}

/** Red5's claims name a room as well as ours does; an empty `red5-room` names none. */
function isNamed(claims: Payload, name: string): boolean {
  if (claims[name] !== undefined) return true;
  return name === 'room' && (claims.roomId !== undefined || (claims['red5-room'] ?? '') !== '');
}

/** Whether a claim of Red5's is a comma list, or not there. */
function isList(claim: unknown): claim is string | undefined {
  return claim === undefined || typeof claim === 'string';
}

/** Nothing is trimmed or folded, and a room says nothing about those nested in it. */
function isForRoom({ room, roomId, 'red5-room': red5Room }: Payload, asked: string): boolean {
  const rooms: unknown[] = Array.isArray(room) ? room : [room];
  const isOurs = room === undefined || rooms.includes(asked);
  const isTheConferences = roomId === undefined || roomId === asked;
  const isTheServers = isEmpty(red5Room) || itemsOf(red5Room).includes(asked);
  return isOurs && isTheConferences && isTheServers;
}

/** Without either of Red5's two roles, a token that has any is good for nothing. */
function rightOfRoles(claim: unknown): Right {
  if (isEmpty(claim)) return 'publish';
  const roles = itemsOf(claim);
  if (roles.includes('red5-publisher')) return 'publish';
  return roles.includes('red5-subscriber') ? 'watch' : 'nothing';
}

function rightRefusal(rights: readonly Right[], observes: boolean): Close | undefined {
  if (rights.includes('nothing')) return forbidden('the token may neither publish nor watch');
  return rights.includes('watch') && !observes ? refusals.watchOnly : undefined;
}

/** To the media server, an empty list is as good as none. */
function isEmpty(claim: unknown): boolean {
  return claim === undefined || claim === '';
}

/** The items of a comma list; what is no text has none. */
function itemsOf(claim: unknown): string[] {
  return typeof claim === 'string' ? claim.split(',') : [];
}
