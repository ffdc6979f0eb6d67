/** Names as the media server writes them: `<app>/<room>/<stream>`, where a room may be nested. */
import { isName } from '../conference/protocol';

export interface StreamPath {
  readonly room: string;
  readonly stream: string;
}

/** Undefined where it is in another app or in no room; `bad name` where no client could have its names. */
export function readPath(app: string, path: string): StreamPath | 'bad name' | undefined {
  const parts = path.split('/');
  if (parts.length < 3 || parts[0] !== app) return undefined;
  const room = parts.slice(1, -1).join('/');
  const stream = parts.at(-1) ?? '';
  return isName(room) && isName(stream) ? { room, stream } : 'bad name';
}
