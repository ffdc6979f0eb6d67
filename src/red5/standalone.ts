/**
 * A standalone Red5 Pro: asked for the streams of one room at a time.
 * https://www.red5.net/docs/red5-pro/development/api/overview/
 */
import type { Clock } from '../clock';
import type { Ended } from '../conference/media-status';
import { isName } from '../conference/protocol';
import { type Answer, Server } from './ask';
import { CannotAsk, type Found, isRecord, parse, type Source } from './source';

const MOST_IN_FLIGHT = 8;
/** Bytes: five thousand names, each as long as a name may be. */
const MOST_BYTES = 2 << 20;

export interface StandaloneSettings {
  readonly url: string;
  readonly accessToken: string;
  readonly app: string;
}

export function standalone({ url, accessToken, app }: StandaloneSettings, clock: Clock): Source {
  const server = new Server(url, clock, MOST_IN_FLIGHT, MOST_BYTES);
  const streams = `/api/v1/applications/${encodeURIComponent(app)}/streams`;
  const query = (room: string) =>
    `?scope=${encodeURIComponent(room)}&accessToken=${encodeURIComponent(accessToken)}`;

  return {
    asksAbout: 'a room',
    // 200 questions a second are those of 1,000 rooms.
    pace: { interval: 5_000, gap: 5, burst: 4 * MOST_IN_FLIGHT, most: MOST_IN_FLIGHT },
    ask: async (room) => found(room, await server.ask({ path: streams + query(room) })),
    end: async (room, stream) => {
      const path = `${streams}/${encodeURIComponent(stream)}/action/unpublish${query(room)}`;
      return server
        .ask({ path })
        .then(howItEnded)
        .catch(() => 'failed' as const);
    },
    close: () => server.close(),
  };
}

function found(room: string, { status, body }: Answer): Found {
  if (status === 401 || status === 403) {
    throw new CannotAsk(
      `it refuses the question (${status}): RED5_ACCESS_TOKEN must be the server's security.accessToken, and its hosts.txt must list the address of this host`,
    );
  }
  const answer = parse(body);
  if (!isRecord(answer)) throw new CannotAsk('its answer is not what the API documents');
  if (status === 404 && answer.status === 'error') return { rooms: new Map(), badNames: 0 };
  if (status !== 200 || answer.status !== 'success') throw new CannotAsk(`it answers with status ${status}`);
  if (!Array.isArray(answer.data)) throw new CannotAsk('its answer has no list of streams');
  const names: unknown[] = answer.data;
  const live = new Set(names.filter((name): name is string => typeof name === 'string' && isName(name)));
  return { rooms: new Map([[room, live]]), badNames: names.length - live.size };
}

function howItEnded({ status, body }: Answer): Ended {
  const answer = parse(body);
  if (!isRecord(answer)) return 'failed';
  if (status === 404 && answer.status === 'error') return 'not_publishing';
  return status === 200 && answer.status === 'success' ? 'ended' : 'failed';
}
