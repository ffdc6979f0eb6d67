/**
 * A standalone Red5 Pro: asked for the streams of one room at a time.
 * https://www.red5.net/docs/red5-pro/development/api/overview/
 */
import type { Clock } from '../clock';
import type { Ended } from '../conference/media-status';
import { isName } from '../conference/protocol';
import { type Answer, Server } from './ask';
import { badStatus, CannotAsk, type Found, isRecord, parse, type Source, UNDOCUMENTED } from './source';

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

function found(room: string, answer: Answer): Found {
  const { status, isError, data } = read(answer);
  if (status === 404 && isError) return { rooms: new Map(), badNames: 0 };
  if (status !== 200) throw new CannotAsk(badStatus(status));
  if (!Array.isArray(data)) throw new CannotAsk('its answer has no list of streams');
  const names: unknown[] = data;
  if (!names.every((name) => typeof name === 'string')) throw new CannotAsk(UNDOCUMENTED);
  const live = new Set(names.filter(isName));
  return { rooms: new Map([[room, live]]), badNames: names.length - live.size };
}

function howItEnded(answer: Answer): Ended {
  const { status, isError } = read(answer);
  if (status === 404 && isError) return 'not_publishing';
  return status === 200 ? 'ended' : 'failed';
}

interface Read {
  readonly status: number;
  /** Whether the API itself says that it is an error: a 404 may also come from something else than the API. */
  readonly isError: boolean;
  readonly data: unknown;
}

/** @throws CannotAsk */
function read({ status, body }: Answer): Read {
  if (status === 401 || status === 403) throw refused(status);
  if (status !== 200 && status !== 404) throw new CannotAsk(badStatus(status));
  const answer = parse(body);
  if (!isRecord(answer)) throw new CannotAsk(UNDOCUMENTED);
  const { status: outcome, code, data } = answer;
  const isError = outcome === 'error';
  if (!isError && outcome !== 'success') throw new CannotAsk(UNDOCUMENTED);
  if (!isError || status !== 200) return { status, isError, data };
  // Nothing says that the HTTP status of an error is always the one that its answer tells.
  if (typeof code !== 'number' || code === 200) throw new CannotAsk(UNDOCUMENTED);
  return read({ status: code, body });
}

function refused(status: number): CannotAsk {
  return new CannotAsk(
    `it refuses the question (${status}): RED5_ACCESS_TOKEN must be the server's security.accessToken, and its hosts.txt must list the address of this host`,
  );
}
