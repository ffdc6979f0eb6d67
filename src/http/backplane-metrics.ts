/** Prometheus metrics of the backplane, if there is one. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BackplaneCounts } from '../conference/backplane-status';
import type { HttpParts } from './parts';

/** Seconds. */
const PROPAGATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** The backplane keeps its own counts, which are copied at each scrape. */
const COUNTERS: readonly (readonly [keyof BackplaneCounts, string, string])[] = [
  ['published', 'published_total', 'Lists sent to the other nodes'],
  ['received', 'received_total', 'Lists received from the other nodes'],
  ['ignored', 'ignored_total', 'Messages that this node does not understand'],
  ['lost', 'reconnects_total', 'Times that the connection to Redis was lost'],
  ['repaired', 'repaired_total', 'Reads of a room that found a change without a message'],
];

export function addBackplaneMetrics(
  registry: Registry,
  { status, events }: Pick<HttpParts['backplane'], 'status' | 'events'>,
): void {
  if (status().state === 'alone') return;
  const registers = [registry];
  const named = (name: string, help: string) => ({ name: `conference_backplane_${name}`, help, registers });

  const propagation = new Histogram({
    ...named('propagation_seconds', 'From a change until its list comes back from Redis'),
    buckets: PROPAGATION_BUCKETS,
  });
  events.on('propagated', (milliseconds) => propagation.observe(milliseconds / 1000));

  for (const [count, name, help] of COUNTERS) {
    new Counter({
      ...named(name, help),
      collect() {
        this.reset();
        this.inc(status().counts[count]);
      },
    });
  }
  gauge('live', 'Whether the link to the other nodes works: 1 or 0', () => Number(status().state === 'live'));
  gauge(
    'state_since_seconds',
    'When the link last changed state, as a Unix time',
    () => status().since / 1000,
  );
  gauge('nodes', 'Known nodes, including this one', () => status().nodes.length);

  function gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      ...named(name, help),
      collect() {
        this.set(value());
      },
    });
  }
}
