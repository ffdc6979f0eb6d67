/**
 * The Stream Manager 2.0 of an autoscaled Red5 Pro: one question is about all rooms.
 * https://www.red5.net/docs/red5-pro/users-guide/stream-manager-2-0/
 */
import type { Clock } from '../clock';
import { type Answer, Server } from './ask';
import { readPath } from './path';
import { badStatus, CannotAsk, type Found, isRecord, parse, type Source, UNDOCUMENTED } from './source';

/** Bytes: some tens of thousands of streams. */
const MOST_BYTES = 16 << 20;

export interface StreamManagerSettings {
  readonly url: string;
  readonly nodeGroup: string;
  /** Undefined where it wants none. */
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  readonly app: string;
}

export function streamManager(settings: StreamManagerSettings, clock: Clock): Source {
  const { url, nodeGroup, credentials, app } = settings;
  const server = new Server(url, clock, 1, MOST_BYTES);
  const path = `/as/v1/streams/stream/${encodeURIComponent(nodeGroup)}?stats=false&aggregate=true`;
  let token: string | undefined;

  const ask = () =>
    server.ask({ path, headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });

  const logIn = async (): Promise<void> => {
    if (credentials === undefined) {
      throw new CannotAsk('it wants credentials: set STREAM_MANAGER_USER and STREAM_MANAGER_PASSWORD');
    }
    const basic = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
    const headers = { Authorization: `Basic ${basic}`, 'Content-Length': '0' };
    const { status, body } = await server.ask({ path: '/as/v1/auth/login', method: 'PUT', headers });
    if (status === 401 || status === 403) {
      throw new CannotAsk(`it refuses STREAM_MANAGER_USER and STREAM_MANAGER_PASSWORD (${status})`);
    }
    if (status !== 200) throw new CannotAsk(badStatus(status));
    const answer = parse(body);
    if (!isRecord(answer) || typeof answer.token !== 'string') throw new CannotAsk(UNDOCUMENTED);
    token = answer.token;
  };

  return {
    asksAbout: 'all rooms',
    pace: { interval: 5_000, gap: 500, burst: 1, most: 1 },
    ask: async () => {
      let answer = await ask();
      if (answer.status === 401 || answer.status === 403) {
        token = undefined;
        await logIn();
        answer = await ask();
      }
      return found(app, answer);
    },
    end: async () => 'cannot_be_asked',
    close: () => server.close(),
  };
}

function found(app: string, { status, body }: Answer): Found {
  if (status === 401 || status === 403) throw new CannotAsk(`it refuses its own token (${status})`);
  if (status === 404) throw new CannotAsk('it knows no such node group (404): see STREAM_MANAGER_NODE_GROUP');
  if (status !== 200) throw new CannotAsk(badStatus(status));
  const answer = parse(body);
  if (!Array.isArray(answer)) throw new CannotAsk('its answer is no list of streams');
  const rooms = new Map<string, Set<string>>();
  let badNames = 0;
  for (const entry of answer as unknown[]) {
    const guid = isRecord(entry) ? entry.streamGuid : undefined;
    if (typeof guid !== 'string') throw new CannotAsk(UNDOCUMENTED);
    const path = readPath(app, guid);
    if (path === 'bad name') badNames++;
    else if (path !== undefined) rooms.set(path.room, (rooms.get(path.room) ?? new Set()).add(path.stream));
  }
  return { rooms, badNames };
}
