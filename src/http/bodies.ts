/** Which requests of the API have a body, as the door asks before it is parsed. */
import type { IncomingMessage } from 'node:http';
import { hasLongBody } from '../listening/parsing';

const WRITING = new Set(['POST', 'PUT', 'PATCH']);

/** Bodies that are too long for the API are answered without being read. */
export function isOrder(request: IncomingMessage): boolean {
  const { method = '', url = '' } = request;
  return WRITING.has(method) && url.startsWith('/api/') && !hasLongBody(request);
}
