/** The figures as server-sent events: the last 15 minutes first, then each second what is new. */
import { hostname } from 'node:os';
import { version } from '../version';
import type { Figures, RefusalRecord, Sample } from './figures';
import type { Health } from './health';
import type { App, HttpParts } from './parts';

/** What one event tells. */
export interface FiguresEvent {
  readonly version: string;
  readonly node: string;
  /** In milliseconds since the epoch; another one means another process. */
  readonly startedAt: number;
  readonly ready: boolean;
  readonly health: Health;
  /** Those since the event before, the oldest first. */
  readonly samples: readonly Sample[];
  readonly refusals: readonly RefusalRecord[];
}

const encoder = new TextEncoder();

export function addEventsApi(api: App, figures: Figures, { ready, health }: HttpParts): void {
  const startedAt = Date.now();
  const node = hostname();

  api.get('/events', (context) => {
    let lastSample = 0;
    let lastRefusal = 0;
    /** Asked for by the reader: one that is slow misses events but no figures, and nothing piles up. */
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (lastSample > 0) await figures.next();
      const samples = figures.samples.filter(({ time }) => time > lastSample);
      const refusals = figures.refusals.filter(({ id }) => id > lastRefusal);
      lastSample = samples.at(-1)?.time ?? lastSample;
      lastRefusal = refusals.at(-1)?.id ?? lastRefusal;
      const event: FiguresEvent = {
        version,
        node,
        startedAt,
        ready: ready(),
        health: health(),
        samples,
        refusals,
      };
      controller.enqueue(encoder.encode(`event: figures\ndata: ${JSON.stringify(event)}\n\n`));
    };
    context.header('Content-Type', 'text/event-stream');
    context.header('X-Accel-Buffering', 'no');
    return context.body(new ReadableStream({ pull }, { highWaterMark: 0 }));
  });
}
