/** The command that follows what happens, until it is interrupted. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Feed, Happening } from '../http/shapes';
import { type Api, Failure } from './api';
import type { Surroundings } from './surroundings';
import { clockTime, counted, visible } from './text';

/** Milliseconds before the host is asked again. */
const PAUSE = 1_000;
/** Milliseconds without an event before the connection counts as lost. Events come every second. */
const SILENCE = 5_000;
/** Ids of happenings that are remembered, since a new connection begins with the latest. */
const REMEMBERED = 1_000;

export async function watch(
  api: Api,
  room: string | undefined,
  { json }: { readonly json?: true },
  io: Surroundings,
): Promise<never> {
  const seen = new Set<string>();
  const show = ({ happenings, skipped }: Feed) => {
    if (skipped > 0) io.err(`${counted(skipped, 'happening')} left out: there are too many\n`);
    for (const happening of happenings) {
      if (seen.has(happening.id)) continue;
      seen.add(happening.id);
      io.out(`${json ? visible(JSON.stringify(happening)) : line(happening)}\n`);
    }
    for (const id of seen) {
      if (seen.size <= REMEMBERED) break;
      seen.delete(id);
    }
  };
  await follow(api, room, show);
  for (;;) {
    io.err('the connection is lost: trying again\n');
    await pause(PAUSE);
    await follow(api, room, show).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.code !== undefined) throw error;
    });
  }
}

/** Done when the connection is lost. @throws Failure where there is none */
async function follow(api: Api, room: string | undefined, show: (feed: Feed) => void): Promise<void> {
  const connection = new AbortController();
  const silence = setTimeout(() => connection.abort(), SILENCE);
  const decoder = new TextDecoder();
  let text = '';
  const asking = { method: 'GET', path: 'events', query: { room } } as const;
  const { body } = await api.open(asking, connection.signal).catch((error: unknown) => {
    clearTimeout(silence);
    throw error;
  });
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      silence.refresh();
      const events = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, data] = /^event: feed\ndata: (.*)$/.exec(event) ?? [];
        if (data !== undefined) show(JSON.parse(data));
      }
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw new Failure('the host has sent what is no event');
  } finally {
    clearTimeout(silence);
  }
}

/** Time, what, room, stream, address, and the rest. */
function line({ time, kind, room = '', streamName = '', address, member, ...rest }: Happening): string {
  const who = kind === 'removal' || kind === 'order' ? `by ${rest.by} at ${address}` : address;
  const outcome = kind === 'removal' ? `${rest.outcome} ${rest.removed ?? 0}` : '';
  const what = kind === 'order' ? (rest.reason ?? '') : '';
  const why = rest.code === undefined ? '' : `${rest.code} ${rest.reason ?? ''}`;
  const cells = [clockTime(time), kind.padEnd(7), room, streamName, who, member ?? '', outcome, what, why];
  return cells
    .filter((cell) => cell !== '')
    .map(visible)
    .join('  ')
    .trimEnd();
}
