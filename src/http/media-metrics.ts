/** What Prometheus scrapes of the media server: nothing where none is asked. */
import type { EventEmitter } from 'node:events';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MediaEvents } from '../conference/media-status';

/** Seconds. */
const ANSWER_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export function addMediaMetrics(registry: Registry, events: EventEmitter<MediaEvents>): void {
  const named = (name: string, help: string) => ({
    ...{ name: `conference_media_${name}`, help },
    registers: [registry],
  });
  const hints = new Counter({
    ...named('hints_total', 'Webhooks of the media server, by what came of them'),
    labelNames: ['outcome'],
  });
  const asking = new Histogram({
    ...named('question_duration_seconds', 'Time that the media server took to answer, by outcome'),
    labelNames: ['outcome'],
    buckets: ANSWER_BUCKETS,
  });
  const corrected = new Counter(
    named('corrected_total', 'Streams of which an answer put right what was believed'),
  );
  const badNames = new Counter(named('bad_names_total', 'Names in answers that no client could have'));
  const up = new Gauge(named('up', 'Whether the media server can be asked: 1, or 0 and /healthz says why'));
  up.set(1);
  events.on('hint', (outcome) => hints.inc({ outcome }));
  events.on('asked', (outcome, duration) => asking.observe({ outcome }, duration / 1_000));
  events.on('corrected', (streams) => corrected.inc(streams));
  events.on('badNames', (count) => badNames.inc(count));
  events.on('server', (problem) => up.set(problem === undefined ? 1 : 0));
}
