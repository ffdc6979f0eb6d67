/** Figures and the feed as server-sent events: first the last 15 minutes, then each second what is new. */
import { hostname } from 'node:os';
import type { WebhookStatus } from '../conference/webhook-status';
import { version } from '../version';
import { figuresSchema } from './figures-schema';
import type { HttpParts, RequestContext } from './parts';
import { route } from './route';
import type { Sampler } from './sampler';
import { otherwise, text } from './schema';
import { feedSchema } from './schemas';
import type { Access, Feed, Figures } from './shapes';
import type { Reader, Watch } from './watch';

const encoder = new TextEncoder();

export function eventsRoute(
  { ready, health, grafanaUrl, hooks }: Pick<HttpParts, 'ready' | 'health' | 'grafanaUrl' | 'hooks'>,
  startedAt: number,
  sampler: Sampler,
  watch: Watch,
) {
  const node = hostname();

  return route({
    method: 'get',
    path: '/events',
    summary: 'Figures and what happens, each second',
    query: { room: otherwise(text('Whose happenings to tell; all of them where it is empty'), '') },
    answer: [
      'Server-sent events: `figures` with Figures, and `feed` with Feed',
      { figuresSchema, feedSchema },
    ],
    handle: ({ context, query }) => {
      context.header('Content-Type', 'text/event-stream');
      context.header('X-Accel-Buffering', 'no');
      return context.body(stream(context, query.room === '' ? undefined : query.room));
    },
  });

  /** Pulled by the reader, so nothing piles up. A slow reader gets fewer events, but all figures. */
  function stream(context: RequestContext, room: string | undefined): ReadableStream<Uint8Array> {
    const access = context.get('access');
    // Opened by the first pull: the body of a HEAD request is never read, nor cancelled.
    let reader: Reader | undefined;
    let lastSample = 0;
    let lastRefusal = 0;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      reader ??= watch.open(room);
      const cluster = await reader.next();
      const samples = sampler.samples.filter(({ time }) => time > lastSample);
      const refusals = sampler.refusals.filter(({ id }) => id > lastRefusal);
      lastSample = samples.at(-1)?.time ?? lastSample;
      lastRefusal = refusals.at(-1)?.id ?? lastRefusal;
      const figures: Figures = {
        ...{ access, version, node, startedAt },
        ...{ ready: ready(), health: health(), samples, refusals, cluster },
        ...(grafanaUrl !== undefined && { grafanaUrl }),
        ...(hooks !== undefined && { webhooks: shownTo(access, hooks.status()) }),
      };
      controller.enqueue(encoder.encode(event('figures', figures) + feedEvent(reader.feed())));
    };
    return new ReadableStream({ pull, cancel: () => reader?.close() }, { highWaterMark: 0 });
  }
}

/** The reason only for those who may see everything: to monitoring it may reveal the network. */
function shownTo(access: Access, { problem, ...status }: WebhookStatus): Figures['webhooks'] {
  return access === 'everything' && problem !== undefined ? { ...status, problem } : status;
}

function feedEvent(feed: Feed): string {
  return feed.happenings.length === 0 && feed.skipped === 0 ? '' : event('feed', feed);
}

function event(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
