/** The figures as server-sent events: first the last 15 minutes, then each second what is new. */
import { hostname } from 'node:os';
import { version } from '../version';
import type { App, HttpParts } from './parts';
import type { Sampler } from './sampler';
import type { Figures } from './shapes';

const encoder = new TextEncoder();

export function addEventsApi(api: App, sampler: Sampler, { ready, health }: HttpParts): void {
  const startedAt = Date.now();
  const node = hostname();

  api.get('/events', (context) => {
    const access = context.get('access');
    let lastSample = 0;
    let lastRefusal = 0;
    /** Pulled by the reader, so nothing piles up. A slow reader gets fewer events, but all figures. */
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (lastSample > 0) await sampler.next();
      const samples = sampler.samples.filter(({ time }) => time > lastSample);
      const refusals = sampler.refusals.filter(({ id }) => id > lastRefusal);
      lastSample = samples.at(-1)?.time ?? lastSample;
      lastRefusal = refusals.at(-1)?.id ?? lastRefusal;
      const figures: Figures = {
        access,
        version,
        node,
        startedAt,
        ready: ready(),
        health: health(),
        samples,
        refusals,
      };
      controller.enqueue(encoder.encode(`event: figures\ndata: ${JSON.stringify(figures)}\n\n`));
    };
    context.header('Content-Type', 'text/event-stream');
    context.header('X-Accel-Buffering', 'no');
    return context.body(new ReadableStream({ pull }, { highWaterMark: 0 }));
  });
}
